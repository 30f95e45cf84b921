"""Statements: the model sentence, the same numbers in every language, plural forms, words never used."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.findings.statements import StatedClaim, StatedPart, round_chance, write_statements
from dideban.messages import Message, locale, say
from dideban.schema import LEAD_KINDS, OBJECT_KINDS

NEVER = ("bot", "fake", "troll", "inauthentic", "جعلی", "ربات", "ترول", "مزيف", "روبوت", "ذباب")
TO_ASCII = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٬٫", "01234567890123456789,.")

PARTS = st.lists(
    st.builds(
        StatedPart,
        kind=st.sampled_from(OBJECT_KINDS),
        n_objects=st.integers(1, 3000),
        window_s=st.sampled_from([0.0, 1.0, 2.5, 10.0, 60.0, 600.0, 1800.0, 3600.0, 7200.0, 86_400.0, 172_800.0]),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda part: part.kind,
)
CLAIMS = st.builds(
    StatedClaim,
    method=st.sampled_from(["synchrony", "threshold", "coortweet", "qut"]),
    n_accounts=st.integers(3, 5000),
    parts=PARTS.map(tuple),
    lead=st.booleans(),
    label=st.sampled_from(["unexplained", "declared", "contradicts-declared"]),
    chance_one_in=st.one_of(st.none(), st.sampled_from([2.0, 19.0, 20_000.0, 1e9])),
    error_rate=st.sampled_from([None, 0.01, 0.03, 0.05, 0.1, 0.2]),
    min_weight=st.integers(1, 20),
)


def claim(**changes) -> StatedClaim:
    plain = {
        "method": "synchrony",
        "n_accounts": 14,
        "parts": (StatedPart(kind="link", n_objects=31, window_s=600.0),),
        "lead": False,
        "label": "unexplained",
        "chance_one_in": round_chance(1 / 20_001),
        "error_rate": 0.05,
        "min_weight": 2,
    }
    return StatedClaim(**{**plain, **changes})


def numbers_from_three(text: str) -> list[float]:
    """Every number written with digits that is three or more; one and two may be words."""
    found = re.findall(r"\d[\d,]*(?:\.\d+)?", text.translate(TO_ASCII))
    return sorted(n for n in (float(f.replace(",", "")) for f in found) if n >= 3 or n != int(n))


def test_the_model_sentence():
    assert write_statements(claim())["en"] == (
        "These 14 accounts shared 31 of the same links within 10 minutes of each other, at least two of them each time. "
        "Counted only where others shared those links as well in the same hours, this closeness would come about by "
        "chance less than once in 20,000 tries. If it is not chance, something that these data do not show sets the time "
        "for them: one owner, one tool, one call, or somebody elsewhere whom they all follow. "
        "Or they watch each other, as friends do who are notified of each other's posts. At most about 1 finding in 20 of this list is expected to be wrong. "
        "Acting in concert is often legitimate; this does not say who is behind it, or why."
    )


@given(CLAIMS)
def test_the_same_numbers_in_every_language(any_claim):
    said = write_statements(any_claim)
    assert numbers_from_three(said["en"]) == numbers_from_three(said["fa"]) == numbers_from_three(said["ar"])
    stated = {float(any_claim.n_accounts), *(float(p.n_objects) for p in any_claim.parts if p.n_objects > 2)}
    assert stated <= set(numbers_from_three(said["en"]))


@given(CLAIMS)
def test_no_english_is_left_and_digits_are_of_the_language(any_claim):
    said = write_statements(any_claim)
    for lang in ("fa", "ar"):
        assert not re.search("[A-Za-z0-9]", re.sub("CooRTweet|QUT", "", said[lang]))
    assert not re.search("[٠-٩]", said["fa"])
    assert not re.search("[۰-۹]", said["ar"])
    assert "None" not in "".join(said.values())
    assert "  " not in "".join(said.values())


@given(CLAIMS)
def test_words_that_are_never_used(any_claim):
    text = " ".join(write_statements(any_claim).values()).lower()
    assert not [word for word in NEVER if re.search(rf"(?<!\w){word}", text)]


@given(CLAIMS)
def test_an_error_rate_is_stated_by_proved_findings_alone(any_claim):
    said = write_statements(any_claim)
    proved = any_claim.method == "synchrony" and not any_claim.lead and any_claim.error_rate is not None
    assert ("expected to be wrong" in said["en"]) == proved
    assert ("نادرست باشد" in said["fa"]) == proved
    assert ("أن يكون الخطأ" in said["ar"]) == proved
    ruled = any_claim.method != "synchrony"
    assert ("no stated error rate" in said["en"]) == ruled
    assert ("هم‌نظرند" in said["fa"]) == ruled
    assert ("تتفق في الرأي" in said["ar"]) == ruled


@pytest.mark.parametrize(("n_followed", "apart"), [(0, False), (1, True), (4, True)])
def test_own_pace_says_that_accounts_shown_apart_share_the_things_too(n_followed, apart):
    said = write_statements(claim(kind="own", n_followed=n_followed))
    assert ("But for accounts that are shown apart, hardly anybody else" in said["en"]) == apart
    assert ("Hardly anybody else" in said["en"]) != apart
    assert ("جز حساب‌هایی که جدا نشان داده می‌شوند" in said["fa"]) == apart
    assert ("وحسابات أخرى تُعرض على حدة" in said["ar"]) == apart


def test_leads_say_so():
    said = write_statements(claim(lead=True))
    assert "This is a lead, not a proved finding" in said["en"]
    assert "سرنخ" in said["fa"]
    assert "مؤشر أولي" in said["ar"]


@pytest.mark.parametrize(
    ("kind", "en", "fa", "ar"),
    [
        ("objects", "no one to compare", "کسی نیست که", "فلا أحد تُقارن به"),
        ("source", "a single source", "از یک منبع", "من مصدر واحد"),
        ("group", "fewer than three of its accounts", "کمتر از سه حساب", "أقل من ثلاثة"),
        ("pair", "a finding needs three or more", "دست‌کم سه حساب", "ثلاثة حسابات أو أكثر"),
        ("first", "within seconds or always after the same delay", "جزو نخستین‌ها", "من بين الأوائل"),
        ("followers", "One and the same account", "یک حساب واحد", "حساب واحد بعينه"),
    ],
)
def test_leads_say_why_they_are_none_and_what_would_decide(kind, en, fa, ar):
    said = write_statements(claim(lead=True, kind=kind))
    assert en in said["en"]
    assert fa in said["fa"]
    assert ar in said["ar"]
    assert "would decide it" in said["en"]
    assert "تکلیف را روشن می‌کند" in said["fa"]
    assert "يحسم الأمر" in said["ar"] or "تحسم الأمر" in said["ar"]
    assert write_statements(claim(lead=False, kind="exchange")) == write_statements(claim(lead=False))


def test_every_kind_of_lead_has_its_reason():
    reasons = {write_statements(claim(lead=True, kind=kind))["en"] for kind in LEAD_KINDS}
    assert len(reasons) == len(LEAD_KINDS)


def test_a_pair_is_named_as_one():
    said = write_statements(claim(n_accounts=2, lead=True, kind="pair"))
    assert said["en"].startswith("These two accounts ")
    assert "at least two of them" not in said["en"]
    assert "این دو حساب" in said["fa"]
    assert "حسابين" in said["ar"]


@pytest.mark.parametrize(("tries", "explained"), [(43.0, True), (9_900.0, True), (10_000.0, False), (None, False)])
def test_a_chance_near_the_error_rate_says_how_they_differ(tries, explained):
    said = write_statements(claim(chance_one_in=tries))
    assert ("the second allows for all the groups that were tried" in said["en"]) == explained
    assert ("همهٔ گروه‌های آزموده‌شده" in said["fa"]) == explained
    assert ("جميع المجموعات التي اختُبرت" in said["ar"]) == explained


def test_kinds_with_other_windows_keep_their_own():
    parts = (
        StatedPart(kind="link", n_objects=31, window_s=600.0),
        StatedPart(kind="text", n_objects=12, window_s=60.0),
    )
    said = write_statements(claim(parts=parts))["en"]
    assert "31 of the same links within 10 minutes of each other and posted 12 of the same texts" in said
    assert "nearly so) within 60 seconds of each other" in said
    assert "Counted only where others shared those objects as well" in said


@pytest.mark.parametrize(
    ("seconds", "en", "fa", "ar"),
    [
        (1.0, "1 second", "یک ثانیه", "ثانية واحدة"),
        (2.0, "2 seconds", "۲ ثانیه", "ثانيتين"),
        (2.5, "2.5 seconds", "۲٫۵ ثانیه", "٢٫٥ ثانية"),
        (10.0, "10 seconds", "۱۰ ثانیه", "١٠ ثوانٍ"),
        (60.0, "60 seconds", "۶۰ ثانیه", "٦٠ ثانية"),
        (120.0, "2 minutes", "۲ دقیقه", "دقيقتين"),
        (600.0, "10 minutes", "۱۰ دقیقه", "١٠ دقائق"),
        (1800.0, "30 minutes", "۳۰ دقیقه", "٣٠ دقيقة"),
        (7200.0, "2 hours", "۲ ساعت", "ساعتين"),
        (86_400.0, "1 day", "یک روز", "يومًا واحدًا"),
    ],
)
def test_durations(seconds, en, fa, ar):
    assert tuple(locale(lang).duration(seconds) for lang in ("en", "fa", "ar")) == (en, fa, ar)


@pytest.mark.parametrize(
    ("n", "en", "ar"),
    [
        (1, "shared the same link", "نشرت رابطًا واحدًا مشتركًا"),
        (2, "shared 2 of the same links", "نشرت رابطين مشتركين"),
        (3, "shared 3 of the same links", "نشرت ٣ روابط مشتركة"),
        (10, "shared 10 of the same links", "نشرت ١٠ روابط مشتركة"),
        (11, "shared 11 of the same links", "نشرت ١١ رابطًا مشتركًا"),
        (99, "shared 99 of the same links", "نشرت ٩٩ رابطًا مشتركًا"),
        (100, "shared 100 of the same links", "نشرت ١٠٠ رابط مشترك"),
        (102, "shared 102 of the same links", "نشرت ١٠٢ رابط مشترك"),
        (103, "shared 103 of the same links", "نشرت ١٠٣ روابط مشتركة"),
        (1011, "shared 1,011 of the same links", "نشرت ١٬٠١١ رابطًا مشتركًا"),
    ],
)
def test_plural_forms(n, en, ar):
    push = Message("statement.push", verb=Message("kind.link.verb"), things=Message("kind.link.things", n=n))
    assert say(push) == en
    assert say(push, "ar") == ar


@given(st.floats(min_value=1e-12, max_value=1.0, exclude_min=True))
def test_rounded_chance_never_overstates(p):
    tries = round_chance(p)
    if tries is not None:
        assert tries >= 2
        assert p * tries <= 1
        assert tries <= 1e9
    else:
        assert p >= 1 / 3


@pytest.mark.parametrize("p", [None, 0.0, -1.0, 1.5, float("nan")])
def test_no_chance_from_what_is_no_p_value(p):
    assert round_chance(p) is None


@pytest.mark.parametrize(
    ("rate", "said"), [(0.05, "1 finding in 20"), (0.1, "1 finding in 10"), (0.03, "3 findings in 100")]
)
def test_error_rates_in_words(rate, said):
    assert f"At most about {said} of this list" in write_statements(claim(error_rate=rate))["en"]
