"""DISARM suggestions: true codes and names, and only what the behaviour shows."""

from __future__ import annotations

import json
import re

import pytest

from dideban.findings.techniques import NAMES, Behaviour, name_of, reason_of, suggest_techniques
from dideban.messages import languages, say


def codes(**changes) -> set[str]:
    plain = {"n_objects": {}, "n_posts": 10, "widest": {}, "platforms": frozenset({"x"})}
    return {t["id"] for t in suggest_techniques(Behaviour(**{**plain, **changes}))}


def test_nothing_done_nothing_suggested():
    assert codes() == set()


def test_each_kind():
    assert codes(n_objects={"link": 3}) == {"T0115"}
    assert codes(n_objects={"repost": 3}) == {"T0118"}
    assert codes(n_objects={"reply": 3}, widest={"reply": 4}) == {"T0116"}
    assert codes(n_objects={"reply": 3}, widest={"reply": 5}) == {"T0116", "T0049.005"}
    assert codes(n_objects={"text": 2}, widest={"text": 3}) == {"T0084.001", "T0115", "T0119"}
    assert codes(n_objects={"hashtags": 1}) == {"T0015.001"}
    assert codes(n_posts=1000) == {"T0049"}
    assert codes(platforms=frozenset({"x", "telegram"})) == {"T0119.002"}


def test_every_reason_is_said_in_every_language():
    everything = Behaviour(
        n_objects={"hashtags": 4, "text": 5, "reply": 6, "repost": 7}, n_posts=1_234, widest={"text": 8, "reply": 9},
        platforms=frozenset({"x", "telegram"}),
    )  # fmt: skip
    made = {t["id"]: t for t in suggest_techniques(everything)}
    assert set(made) == set(NAMES)
    assert made["T0049"]["values"] == {"n": 1_234}
    assert made["T0119.002"]["values"] == {"names": ["telegram", "x"]}
    assert made["T0119.002"]["why"]["en"] == "joint shares on telegram, x"
    for technique in made.values():
        assert {lang: say(reason_of(technique), lang) for lang in languages()} == technique["why"]
        assert not any(technique["id"] in text for text in technique["why"].values())


def test_every_name_is_that_of_the_framework_and_has_words_in_every_language():
    for code, name in NAMES.items():
        assert say(name_of({"id": code}), "en") == name
        assert all(re.search(r"[\u0600-\u06ff]", say(name_of({"id": code}), lang)) for lang in ("fa", "ar"))
    assert not name_of({"id": "T9", "name": "Of another program"})
    assert not name_of({})


@pytest.mark.parametrize(
    "technique",
    [{"id": "T0049", "why": ""}, {"id": "T0115", "why": "pushed links"}, {"id": "T9", "values": {"n": 3}},
     {"id": "T0119.002", "values": "<b>x</b>"}, {}],
)  # fmt: skip
def test_reasons_of_others_are_not_said(technique):
    assert not reason_of(technique)


def test_names_presume_nothing_about_who_or_why():
    assert not [
        name for name in NAMES.values() if re.search(r"bot|troll|fake|inauthentic|disinfo|distort", name.lower())
    ]


@pytest.mark.shared
def test_codes_and_names_are_those_of_disarm(shared):
    bundle = json.loads((shared / "data" / "disarm" / "DISARM.json").read_text("utf-8"))
    names = {
        reference["external_id"]: entry["name"]
        for entry in bundle["objects"]
        if entry["type"] == "attack-pattern"
        for reference in entry["external_references"]
        if "external_id" in reference
    }
    assert {code: names[code] for code in NAMES} == NAMES
