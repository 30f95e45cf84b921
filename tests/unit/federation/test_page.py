"""The page of an epoch: the same for all who hold the record, harmless, in every language."""

from __future__ import annotations

import dataclasses

import pytest

from dideban.errors import InputError
from dideban.federation import render_federation
from dideban.joint.record import EpochRecord
from joint_federation import charter, finished


def test_whoever_holds_the_record_gets_the_same_page() -> None:
    record = finished().record
    page = render_federation(record)
    assert page == render_federation(EpochRecord.replay(record.charter, record.messages))
    for word in ("these accounts are in our data", "این حساب‌ها در داده‌های ما هستند", "هذه الحسابات موجودة في بياناتنا"):
        assert word in page
    for name in record.charter.rooms.values():
        assert name in page
    assert "acc_" not in page
    assert not any(name in page for name in record.claims()[0].named)


def test_names_of_rooms_cannot_write_on_the_page() -> None:
    given = charter()
    evil = dataclasses.replace(given, rooms={key: f"<b>{i}</b>" for i, key in enumerate(given.rooms)})
    record = finished().record
    record_of_evil = EpochRecord.replay(given, record.messages)
    record_of_evil.charter = evil
    page = render_federation(record_of_evil)
    assert "<b>0</b>" not in page
    assert "&lt;b&gt;0" in page


def test_there_is_no_page_while_rooms_may_answer() -> None:
    with pytest.raises(InputError):
        render_federation(EpochRecord(charter()))
