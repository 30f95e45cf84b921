"""Who wrote which variant of a templated text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from dideban.findings.model import SharedObject
from dideban.report.template_variants import MAX_TEXTS, Wording, tell_wordings
from dideban.schema import SHARES
from dideban.text import templates

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
SAID = {
    "a": "استخر قدیمی شهر باید همین تابستان باز بماند، به شورا بگویید.",
    "b": "استخر قدیمی شهر باید همین پاییز باز بماند، به شورا بگویید.",
    "c": "استخر قدیمی شهر باید همین تابستان باز بماند، به شورا بگویید.",
}


def pushed(texts: list[str], kind: str = "text") -> SharedObject:
    made = next(iter(templates([texts])))
    return SharedObject(
        kind=kind, id="t1", label=texts[0], n_accounts=3, n_posts=len(texts), first_at="2026-03-01T09:00:00+00:00",
        last_at="2026-03-01T10:00:00+00:00", template=made,
    )  # fmt: skip


def shares_of(writers: list[str]) -> pl.DataFrame:
    rows = [
        {"finding_id": "f1", "account_id": who, "object_kind": "text", "object_id": "t1", "post_id": f"x/{i}",
         "created_at": START + timedelta(minutes=i), "is_joint": True}
        for i, who in enumerate(writers)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SHARES.dtypes)


def test_each_variant_names_its_writers_once() -> None:
    writers = ["a", "b", "c", "a"]
    posts = {f"x/{i}": {"text": SAID[who]} for i, who in enumerate(writers)}
    told = tell_wordings([pushed(list(SAID.values()))], shares_of(writers), posts, numbers={"a": 1, "b": 2, "c": 3})
    assert told == {
        "t1": [
            Wording(slot=1, variant="تابستان", members=[1, 3]),
            Wording(slot=1, variant="پاییز", members=[2]),
        ]
    }


def test_posts_that_are_not_shown_and_plain_objects_are_passed_over() -> None:
    shares = shares_of(["a", "b", "c"])
    posts = {"x/1": {"text": SAID["b"]}, "x/2": {"text": None}}
    numbers = {"a": 1, "b": 2, "c": 3}
    told = tell_wordings([pushed(list(SAID.values()))], shares, posts, numbers=numbers)
    assert told == {"t1": [Wording(slot=1, variant="پاییز", members=[2])]}
    assert tell_wordings([pushed([SAID["a"]])], shares, posts, numbers=numbers) == {}
    assert tell_wordings([pushed(list(SAID.values()))], shares, {}, numbers=numbers) == {}


def test_only_so_many_texts_are_looked_at() -> None:
    writers = ["a"] * MAX_TEXTS + ["b"]
    posts = {f"x/{i}": {"text": SAID[who]} for i, who in enumerate(writers)}
    told = tell_wordings([pushed(list(SAID.values()))], shares_of(writers), posts, numbers={"a": 1, "b": 2})
    assert told == {"t1": [Wording(slot=1, variant="تابستان", members=[1])]}
