from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from dideban.findings.ordinary_explanations import CHECKS
from dideban.report import words
from dideban.schema import OBJECT_KINDS

ASSETS = files("dideban.report").joinpath("assets")
PLURALS = {"en": {"one", "other"}, "ar": {"one", "two", "few", "many", "other"}}


def slots(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("key", sorted(words.dictionary()))
def test_every_word_is_there_in_every_language_with_the_same_numbers(key: str) -> None:
    entry = words.dictionary()[key]
    wanted = slots(max((f for f in forms(entry["en"])), key=len))
    for lang, text in entry.items():
        if isinstance(text, dict):
            assert set(text) == PLURALS[lang]
            assert slots(text["other"]) == wanted | {"n"} if "n" in wanted else wanted <= slots(text["other"]) | {"n"}
        else:
            assert slots(text) == wanted or slots(text) == wanted - {"n"} == set()
        assert all(form.strip() for form in forms(text))


def forms(entry: words.Entry) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def test_persian_and_arabic_are_written_in_their_own_letters() -> None:
    for key, entry in words.dictionary().items():
        for form in forms(entry["fa"]) + forms(entry["ar"]):
            assert re.search(r"[\u0600-\u06ff]", form) or key in {"more", "pct"}, key
        assert not re.search("[يك]", "".join(forms(entry["fa"]))), f"{key}: Arabic letters in Persian"
        assert not re.search("[یک]", "".join(forms(entry["ar"]))), f"{key}: Persian letters in Arabic"


def test_no_word_is_missing_and_none_is_unused() -> None:
    sources = "\n".join(p.read_text("utf-8") for p in ASSETS.iterdir() if p.name.endswith((".html", ".js")))
    used = set(re.findall(r"""\b(?:w|label|say|spoken)\(\s*["'](\w+)["']\s*[,)]""", sources))
    assert used <= set(words.dictionary())
    quoted = set(re.findall(r"""["'](\w+)["']""", sources))
    prefixes = (
        "kind_",
        "label_",
        "outcome_",
        "benign_",
        "limit_",
        "nar_role_",
        "cop_kind_",
        "dec_kind_",
        "u_",
        "method_",
        "event_",
        "technique_",
    )
    unused = {key for key in words.dictionary() if key not in quoted and not key.startswith(prefixes)}
    assert not unused


def test_every_kind_and_every_check_has_a_name() -> None:
    for kind in OBJECT_KINDS:
        assert f"kind_{kind}" in words.dictionary()
    for check in CHECKS:
        assert "benign_" + check.replace("-", "_") in words.dictionary()


def test_no_word_accuses() -> None:
    for entry in words.dictionary().values():
        assert not re.search(r"\b(bots?|fake|trolls?|inauthentic)\b", " ".join(forms(entry["en"])), re.IGNORECASE)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (12345, "12,345"),
        (20000.0, "20,000"),
        (0.05, "0.05"),
        (0.0123, "0.0123"),
        (1234.6, "1,235"),
        (0.00005, "5×10⁻⁵"),
        (1e9, "1,000,000,000"),
        (4.2e12, "4.2×10¹²"),
        (float("inf"), "∞"),
        (float("nan"), "—"),
        (None, "—"),
    ],
)
def test_number(value: float | None, expected: str) -> None:
    assert words.number(value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"), (0.4, "0.4 s"), (9.97, "10 s"), (59, "59 s"), (60, "1 min"), (90, "1.5 min"), (360, "6 min"),
        (3600, "60 min"), (5400, "1.5 h"), (86400, "24 h"), (172800, "2 d"), (-5, "-5 s"),
    ],
)  # fmt: skip
def test_duration(seconds: float, expected: str) -> None:
    assert words.duration(seconds) == expected


def test_say_counts() -> None:
    assert words.say("n_accounts", n=1) == "1 account"
    assert words.say("n_accounts", n=1400) == "1,400 accounts"
    assert words.say("columns_how", s_reach=90).count("1.5 min") == 1


def test_clock_never_flips_and_survives_nonsense() -> None:
    assert 'dir="ltr"' in words.clock(datetime(2026, 3, 2, 6, tzinfo=UTC))
    assert ">2026-03-02 06:00:00<" in words.clock("2026-03-02T06:00:00Z")
    assert ">2026-03-02 02:30<" in words.clock("2026-03-02T06:00:00+03:30", seconds=False)
    assert words.clock("not a time") == "—"
    assert words.clock(None) == "—"


def test_known_isolates_what_it_does_not_know() -> None:
    assert words.known("kind", "<b>") == "<bdi>&lt;b&gt;</bdi>"
    assert 'data-w="kind_link"' in words.known("kind", "link")
