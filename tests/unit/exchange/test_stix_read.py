"""Bundles of strangers: what is refused, with which reason, and what two findings have in common."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.errors import InputError
from dideban.exchange import Terms, Tlp, bundle_bytes, finding_objects, read_stix
from dideban.exchange.stix import signs_of, signs_of_finding
from dideban.exchange.stix.read import MAX_DEPTH, MAX_OBJECTS, depth_of
from dideban.exchange.stix.terms import MARKS_2
from unit.exchange.made import make_finding

NOW = datetime(2026, 4, 1, tzinfo=UTC)
ME, OTHER = (f"identity--{n}1111111-1111-4111-8111-111111111111" for n in (1, 2))
TERMS = Terms(sender="Room A", tlp=Tlp.GREEN)


def note(n: int = 1, **changes: object) -> dict:
    return {
        "type": "note", "spec_version": "2.1", "id": f"note--{n:08x}-1111-4111-8111-111111111111",
        "created": "2026-03-01T00:00:00.000Z", "modified": "2026-03-01T00:00:00.000Z", "created_by_ref": ME,
        "content": "hello", "object_refs": [ME], "object_marking_refs": [f"marking-definition--{MARKS_2[Tlp.GREEN]}"],
        **changes,
    }  # fmt: skip


def read(*entries: object, **options: object):
    return read_stix(orjson.dumps({"type": "bundle", "objects": list(entries)}), now=NOW, **options)


def test_what_we_write_we_read():
    objects = finding_objects(make_finding(), terms=TERMS)
    received = read_stix(bundle_bytes(objects), now=NOW, sender=TERMS.identity, ceiling=Tlp.GREEN)
    assert received.refused == []
    assert [one.body for one in received.objects] == objects


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"modified": "9999-12-31T23:59:59.000Z"}, "in-future"), ({"modified": "2026-04-02T00:00:01Z"}, "in-future"),
        ({"modified": "2026-13-01T00:00:00Z"}, "bad-time"), ({"modified": 7}, "bad-time"), ({"created": None}, "bad-time"),
        ({"modified": "2026-03-01T00:00:00+00:00"}, "bad-time"), ({"id": "note--1"}, "bad-id"), ({"id": ["a"]}, "bad-id"),
        ({"type": "campaign"}, "bad-id"), ({"id": "note--00000001-1111-4111-8111-111111111111\n"}, "bad-id"),
        ({"spec_version": "2.0"}, "other-version"), ({"content": "x" * 300_000}, "object-too-large"),
        ({"created_by_ref": OTHER}, "other-author"), ({"created_by_ref": None}, "bad-ref"),
        ({"object_refs": [ME, "x"]}, "bad-ref"), ({"object_refs": [{}]}, "bad-ref"), ({"object_refs": "x"}, "too-many-refs"),
        ({"object_refs": [note()["id"]]}, "refers-to-itself"),
        ({"object_marking_refs": [f"marking-definition--{MARKS_2[Tlp.RED]}"]}, "above-ceiling"),
        ({"object_marking_refs": []}, "above-ceiling"),
        ({"object_marking_refs": ["marking-definition--99999999-1111-4111-8111-111111111111"]}, "above-ceiling"),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)  # fmt: skip
def test_an_object_is_refused_with_its_reason_and_the_rest_is_kept(changes, reason):
    received = read(note(**changes), note(2), sender=ME, ceiling=Tlp.GREEN)
    assert [one.reason.code for one in received.refused] == [f"stix.{reason}"]
    assert [one.id for one in received.objects] == [note(2)["id"]]


@pytest.mark.parametrize("entry", [None, 1, "x", [], {}, {"type": "note"}, {"id": note()["id"]}, {"type": "bundle", "id": "bundle--00000001-1111-4111-8111-111111111111"}], ids=repr)  # fmt: skip
def test_what_is_no_object_is_refused(entry):
    assert len(read(entry).refused) == 1


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.json", b'{"type": "bundle"}')
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"[" * 100_000, "stix.not-json"), (b"[" * 100_000 + b"]" * 100_000, "stix.not-json"),
        (b'{"objects":[' + b"[" * 40 + b"]" * 40 + b"]}", "stix.too-deep"), (b"", "stix.not-json"), (b"[]", "stix.not-bundle"),
        (b'{"type":"report","objects":[]}', "stix.not-bundle"), (b'{"objects":{}}', "stix.not-bundle"), (b" " * 10_000_001, "stix.too-large"),
        (b'{"objects":[' + b"[]," * 1_000_001 + b"[]]}", "budget.values"), (zipped(), "stix.not-json"),
        (b'{"objects":[' + b"1," * MAX_OBJECTS + b"1]}", "stix.too-many"), (b'\xff\xfe{"objects":[]}', "stix.not-json"),
    ],
    ids=["open", "nested", "deep", "empty", "list", "report", "dict", "large", "values", "zip", "many", "bytes"],
)  # fmt: skip
def test_a_hostile_body_is_refused_whole_and_at_once(data, code):
    began = time.monotonic()
    with pytest.raises(InputError) as raised:
        read_stix(data, now=NOW)
    assert raised.value.message.code == code
    assert time.monotonic() - began < 30


def test_a_million_references_and_circles_of_reports_cost_nothing():
    a, b = (f"report--{n:08x}-1111-4111-8111-111111111111" for n in (1, 2))
    many = note(3, object_refs=[ME] * 3_000)
    circle = [note(id=a, type="report", object_refs=[b]), note(id=b, type="report", object_refs=[a])]
    received = read(*circle, many)
    assert len(received.objects) == 3
    assert [one.reason.code for one in read(note(object_refs=[ME] * 11_000)).refused] == ["stix.object-too-large"]


def test_a_peer_cannot_send_or_revoke_what_another_wrote():
    mine = next(one for one in finding_objects(make_finding(), terms=TERMS) if one["type"] == "campaign")
    assert read({**mine, "revoked": True}, sender=ME).objects == []
    assert (
        read(
            {
                "type": "identity",
                "id": OTHER,
                "created": mine["created"],
                "modified": mine["modified"],
                "spec_version": "2.1",
            },
            sender=ME,
        ).objects
        == []
    )


def test_markings_of_any_version_and_the_most_closed_one_counts():
    both = [f"marking-definition--{MARKS_2[tlp]}" for tlp in (Tlp.CLEAR, Tlp.AMBER)]
    assert read(note(object_marking_refs=both)).objects[0].tlp is Tlp.AMBER
    white = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"
    assert read(note(object_marking_refs=[white])).objects[0].tlp is Tlp.CLEAR
    lies = {"type": "marking-definition", "spec_version": "2.1", "id": both[1], "created": "2022-10-01T00:00:00.000Z",
            "extensions": {"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {"tlp_2_0": "clear"}}}  # fmt: skip
    assert (
        next(one for one in read(lies, note(object_marking_refs=both)).objects if one.type == "note").tlp is Tlp.AMBER
    )


def test_texts_become_harmless():
    body = read(note(content="a\u202eb\x00<script>", x_list=[{"k": "\x1b"}])).objects[0].body
    assert body["content"] == "a\ufffdb\ufffd<script>"
    assert body["x_list"] == [{"k": "\ufffd"}]


def test_the_same_version_twice_is_one():
    assert len(read(note(), note(), note(modified="2026-03-02T00:00:00Z")).objects) == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*note(), "extensions"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON, JSON)
def test_nothing_crashes_it(first, second):
    data = (
        orjson.dumps(
            {"objects": [first, {**note(), **second} if isinstance(second, dict) else second]},
            option=orjson.OPT_PASSTHROUGH_SUBCLASS,
        )
        if _fits(first) and _fits(second)
        else b"{}"
    )
    received = read_stix(data, now=NOW, sender=ME)
    signs_of(one.body for one in received.objects)


def _fits(value: object) -> bool:
    try:
        orjson.dumps(value)
    except (TypeError, orjson.JSONEncodeError):
        return False
    return True


@given(
    st.recursive(
        st.integers(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
        max_leaves=8,
    )
)
def test_depth_is_that_of_a_plain_recursion(value):
    def slow(one):
        inside = list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else []
        return 1 + max(map(slow, inside)) if inside else 0

    assert min(depth_of(value), MAX_DEPTH) == min(slow(value), MAX_DEPTH)


def test_shared_links_sites_and_hashtags_are_found_in_any_spelling():
    mine = signs_of_finding(make_finding().objects)
    theirs = signs_of([
        {"type": "url", "value": "http://news.example.org/a?b=1&utm_source=x"},
        {"type": "indicator", "pattern": "[domain-name:value = 'OTHER.ir'] OR [url:value='https://z.example.org/\\'']"},
        *finding_objects(make_finding(), terms=TERMS)[2:3],
    ])  # fmt: skip
    both = mine & theirs
    assert (len(both.links), sorted(both.domains), sorted(both.hashtags)) == (
        1,
        ["example.org", "other.ir"],
        ["#harvest", "#mill"],
    )
    assert (
        len(signs_of([{"type": "url", "value": ["x"]}, {"extensions": {"x": 1}}, {"type": "indicator", "pattern": 7}]))
        == 0
    )
