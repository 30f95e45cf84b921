from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from dideban.findings.ordinary_explanations import CHECKS
from dideban.messages import Message, has_text, languages
from dideban.messages.catalogues import catalogue
from dideban.report import words
from dideban.schema import OBJECT_KINDS

ASSETS = files("dideban.report").joinpath("assets")
TEXTS = {lang: catalogue(lang).texts for lang in languages()}
SPOKEN = sorted(
    code for code in TEXTS["en"] if code.startswith(("page.", "explanation.", "outcome.", "label.", "kind."))
)


def forms(entry: str | dict[str, str]) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def test_persian_and_arabic_are_written_in_their_own_letters() -> None:
    for code in SPOKEN:
        fa, ar = ("".join(forms(TEXTS[lang][code])) for lang in ("fa", "ar"))
        for text in (fa, ar):
            assert re.search(r"[\u0600-\u06ff]", text) or code in {"page.more", "page.pct"}, code
        assert not re.search("[يك]", fa), f"{code}: Arabic letters in Persian"
        assert not re.search("[یک]", ar), f"{code}: Persian letters in Arabic"


def test_no_word_is_missing_and_none_is_unused() -> None:
    sources = "\n".join(p.read_text("utf-8") for p in ASSETS.iterdir() if p.name.endswith(".html"))
    used = set(re.findall(r"""\b(?:w|label)\(\s*["'](\w+)["']\s*[,)]""", sources))
    assert {key for key in used if not has_text(words.message(key).code)} == set()
    quoted = {words.message(key).code for key in re.findall(r"""["'](\w+)["']""", sources)}
    families = (
        "page.fed-side-",
        "page.fed-state-",
        "page.limit-",
        "page.nar-role-",
        "page.cop-kind-",
        "page.eff-kind-",
        "page.method-",
        "page.event-",
    )
    mine = [code for code in SPOKEN if code.startswith("page.") and not code.startswith(families)]
    assert [code for code in mine if code not in quoted] == []


def test_every_kind_and_every_check_has_a_name() -> None:
    for kind in OBJECT_KINDS:
        assert words.known_message("kind", kind)
    for check in CHECKS:
        assert words.known_message("benign", check)
    assert words.known_message("dec_kind", "wire") == Message("owner-kind.wire")
    assert words.known_message("kind", "<b>") is None


def test_no_word_accuses() -> None:
    for code in SPOKEN:
        assert not re.search(r"\b(bots?|fake|trolls?|inauthentic)\b", " ".join(forms(TEXTS["en"][code])), re.IGNORECASE)


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


def test_words_carry_the_number_of_their_line() -> None:
    with words.collecting():
        assert words.w("n_accounts", n=1) == '<span data-w="0">1 account</span>'
        assert words.w("n_accounts", n=1400) == '<span data-w="1">1,400 accounts</span>'
        assert words.w("n_accounts", n=1) == '<span data-w="0">1 account</span>'
        assert words.label("language") == 'aria-label="Language" data-wl="2"'
        assert words.span_attribute(5400) == ' data-w="3"'
        assert "1.5 min" in words.w("columns_how", s_reach=90)
        table = json.loads(words.table_of_texts())
    assert [table["texts"][lang][1] for lang in ("en", "fa", "ar")] == ["1,400 accounts", "۱٬۴۰۰ حساب", "١٬٤٠٠ حساب"]
    assert [table["texts"][lang][3] for lang in ("en", "fa", "ar")] == ["1.5 h", "۱٫۵ ساعت", "١٫٥ ساعة"]
    assert table["languages"]["fa"] == {
        "dir": "rtl", "digits": "۰۱۲۳۴۵۶۷۸۹", "group": "٬", "decimal": "٫", "calendar": "persian",
    }  # fmt: skip
    assert words.w("n_accounts", n=1) == "<span>1 account</span>", "nobody collects any more"


def test_clock_never_flips_and_survives_nonsense() -> None:
    assert 'dir="ltr"' in words.clock(datetime(2026, 3, 2, 6, tzinfo=UTC))
    assert ">2026-03-02 06:00:00<" in words.clock("2026-03-02T06:00:00Z")
    assert ">2026-03-02 02:30<" in words.clock("2026-03-02T06:00:00+03:30", seconds=False)
    assert words.clock("not a time") == "—"
    assert words.clock(None) == "—"


def test_known_isolates_what_it_does_not_know() -> None:
    assert words.known("kind", "<b>") == "<bdi>&lt;b&gt;</bdi>"
    assert words.known("kind", "link") == "<span>link</span>"
