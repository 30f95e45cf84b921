"""A message is plain data that does not change, and reads back as it was written."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.errors import ConfigError, DidebanError, InputError, SchemaError
from dideban.messages import NOTHING, Message, cause_of, is_code
from dideban.messages.message import MAX_ITEMS, MAX_TEXT, MAX_VALUES

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=50)
NAMES = st.from_regex(r"[a-z][a-z_]{0,9}", fullmatch=True)
CODES = st.sampled_from(["schema.column", "later.news", "a.b-c.D1"])
MESSAGES = st.recursive(
    st.builds(lambda code, values: Message(code, **values), CODES, st.dictionaries(NAMES, PLAIN, max_size=4)),
    lambda inner: st.builds(
        lambda code, values: Message(code, **values), CODES, st.dictionaries(NAMES, inner | st.lists(inner, max_size=3))
    ),
    max_leaves=6,
)


@given(MESSAGES)
def test_a_message_reads_back_from_json_as_it_was_written(message):
    again = Message.from_dict(json.loads(json.dumps(message.to_dict())))
    assert again == message
    assert hash(again) == hash(message)
    assert pickle.loads(pickle.dumps(message)) == message


def test_values_become_plain_data():
    at = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    message = Message("a.b", at=at, day=date(2026, 11, 23), path=Path("x/y"), names={"b", "a"}, it=Message("c.d"))
    assert message.values == {
        "at": "2026-11-23T14:30:00+00:00",
        "day": "2026-11-23",
        "path": str(Path("x/y")),
        "names": ("a", "b"),
        "it": Message("c.d"),
    }


def test_a_message_does_not_change():
    message = Message("a.b", n=1)
    with pytest.raises(AttributeError):
        message.code = "c.d"
    with pytest.raises(TypeError):
        message.values["n"] = 2
    assert message.with_values(n=2, k=3) == Message("a.b", k=3, n=2)
    assert message["n"] == 1


def test_endless_values_are_cut():
    deep = Message("a.b")
    for _ in range(50):
        deep = Message("a.b", it=[deep])
    message = Message("a.b" * 100, text="x" * 10_000, items=list(range(10_000)), **{f"v{i}": i for i in range(500)})
    assert len(message["text"]) == MAX_TEXT
    assert len(message["items"]) == MAX_ITEMS
    assert len(message.values) == MAX_VALUES
    assert len(message.code) == 100
    assert Message.from_dict(deep.to_dict()).code == "a.b"
    assert len(str(deep)) < 1000


@pytest.mark.parametrize("bad", [None, [], {}, {"code": 3}, {"code": "a.b", "values": [1]}, "a.b"])
def test_what_is_no_message_is_refused(bad):
    with pytest.raises(ValueError, match="message"):
        Message.from_dict(bad)


def test_nothing_to_say_is_false():
    assert not NOTHING
    assert str(NOTHING) == ""
    assert Message("a.b")


@pytest.mark.parametrize("text", ["No such file.", "scan", "a.csv: cannot be read", "", "A.b", "a..b", "a.b" * 100])
def test_sentences_are_no_codes(text):
    assert not is_code(text)


def test_errors_carry_messages():
    error = ConfigError("later.setting", hint="later.hint", key="fdr", value=2.0, most=1)
    assert error.message == Message("later.setting", key="fdr", value=2.0, most=1)
    assert error.hint == error.message.__class__("later.hint", key="fdr", value=2.0, most=1)
    assert (error.key, error.value) == ("fdr", 2.0)
    assert isinstance(error, ValueError)


def test_an_error_passes_on_the_message_of_another():
    inner = SchemaError("POSTS", "text", expected="String", got="Int64")
    outer = InputError(inner.message, hint=inner.hint)
    assert outer.message == inner.message
    assert not outer.hint
    assert str(outer) == "POSTS.text: expected String, got Int64"


def test_a_sentence_without_a_code_is_said_as_it_is():
    error = DidebanError("The disk {is} full.", hint="make room")
    assert error.message.code == "sentence.english"
    assert (str(error), str(error.hint)) == ("The disk {is} full.", "make room")


def test_causes_are_known_by_their_number_or_by_what_libraries_say():
    assert cause_of(OSError(28, "x")) == cause_of(RuntimeError("io: No space left on device (os error 28)"))
    assert cause_of(PermissionError(13, "Permission denied")).code == "cause.denied"
    assert cause_of(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")).code == "cause.not-utf8"
    assert cause_of(KeyError()) == Message("cause.other", detail="KeyError")


def test_a_code_is_found_inside_other_messages():
    full = Message("cause.disk-full")
    nested = Message("a.b", items=[1, "cause.disk-full", (Message("c.d", it=full),)])
    assert nested.holds("x.y", "cause.disk-full")
    assert not Message("a.b", text="cause.disk-full").holds("cause.disk-full")
