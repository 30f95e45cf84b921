"""What may point at a private person, in three languages: found where it is there, silent where it is not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.comments.person_hints import KINDS, hints_of
from dideban.comments.words import LANGUAGES, words_of
from unit.comments.desk import PAGE, make_desk, send

FOUND = [
    # English
    ("It was Martin Kessler, as everybody knows.", {"name"}),
    ("ask martin kessler about it", {"name"}),
    ("Mr. Brown from next door did it", {"name"}),
    ("Martin van der Berg did it", {"name"}),
    ("MARTIN KESSLER is a liar", {"name"}),
    ("The teacher is Dr Sara Ahmadi.", {"name"}),
    ("M\u200bartin Kes\u00adsler did it", {"name"}),
    ("Call me on +44 20 7946 0991", {"phone"}),
    ("call 555-1234 tonight", {"phone"}),
    ("(555) 010-4477 is hers", {"phone"}),
    ("zero nine one two, three four five six seven eight", {"phone"}),
    ("write to someone [at] mail [dot] com", {"mail"}),
    ("her page is instagram.com/some.person", {"handle"}),
    ("look at @some_person", {"handle"}),
    ("he is at 14 Mill Street", {"address"}),
    ("She lives next to the bakery", {"address"}),
    ("The car was AB-123-CD", {"number"}),
    ("passport number X1234567", {"number"}),
    ("account DE89 3704 0044 0532 0130 00", {"number"}),
    # Persian
    ("کار آقای بهروز صدیقی است", {"name"}),
    ("علی رضایی همسایهٔ ماست", {"name"}),
    ("علي رضايي همسايه ماست", {"name"}),
    ("زهرا محمدی\u200cنژاد پشت این کار است", {"name"}),
    ("خانم احمدی معلم مدرسه است", {"name"}),
    ("امید محمدپور این را نوشت", {"name"}),
    ("شماره\u200cاش ۰۹۱۲ ۰۰۰ ۰۰ ۰۰ است", {"phone"}),
    ("۰۹\u200c۱۲-۰۰۰۰۰۰۰", {"phone"}),
    ("صفر نه یک دو سه چهار پنج شش هفت", {"phone"}),
    ("خانه\u200cاش کوچهٔ یاس پلاک ۱۲ است", {"address"}),
    ("خیابان بهار، ساختمان مهر، واحد ۴", {"address"}),
    ("کد ملی ۰۰۱۲۳۴۵۶۷۸", {"number"}),
    ("۱۲ب۳۴۵ ایران ۶۷", {"number"}),
    # Arabic
    ("كتبها السيد سمير العبدلي", {"name"}),
    ("ابن عمي خالد المنصوري", {"name"}),
    ("كريم العبدلي من حينا", {"name"}),
    ("أحمد بن سالم هو من فعلها", {"name"}),
    ("مُحَمَّد العبدلي جارنا", {"name"}),
    ("اتصلوا به على ٠٥٠ ١٢٣ ٤٥٦٧", {"phone"}),
    ("تسكن قرب المخبز", {"address"}),
    ("شارع النخيل عمارة ٥ شقة ١٢", {"address"}),
    ("الرقم القومي ٢٩٠٠١٠١١٢٣٤٥٦٧", {"number"}),
    ("لوحة السيارة أ ب ج ١٢٣٤", {"number"}),
]  # fmt: skip
INNOCENT = [
    "The Water Works publish a test each Monday in New York.",
    "THIS IS A SCANDAL AND THE MAYOR KNOWS",
    "Good Morning Everyone! Thank You Very Much.",
    "The Prime Minister spoke to the United Nations Security Council.",
    "President Joe Biden said so.",
    "I read it on Telegram and in the Daily Times of Abu Dhabi.",
    "It cost 1,234,567,890 dollars, or 12 000 000 rials, from 2019-2024.",
    "On 2026-11-28 at 12:30, see pages 12-14 of ISO 9001; COVID-19 and F-16.",
    "We hope that grace and joy will come in May. Mark my words.",
    "People who live in the north should know. I live there too.",
    "Chance or concert? Both, I think.",
    "پل را هر سال می\u200cبینم و شهرداری کاری نمی\u200cکند.",
    "خیابان ولیعصر را از میدان امام حسین تا پل بسته\u200cاند.",
    "علی گفت که آب آلوده است.",
    "محمد رسول الله، حضرت علی ابن ابی طالب",
    "مسجد امام حسین، بزرگراه شهید همت، بیمارستان دکتر شریعتی",
    "شادی مردم دیدنی بود. امید داریم که درست شود. پیام شما رسید.",
    "در ۱۴۰۵/۰۹/۰۸ ساعت ۱۲:۳۰ مبلغ ۱٬۲۰۰٬۰۰۰ تومان، منطقهٔ ۱۲، طبقهٔ ۳",
    "یک خانم جوان و آقای مدیر گفتند که شماره ندارند.",
    "زرتُ مستشفى الملك فهد في شارع عمر المختار.",
    "النبي محمد صلى الله عليه وسلم",
    "سعيد الحظ من قرأ هذا، ونور الأمل في القلوب.",
    "على الجميع أن يتحقق من الخبر، وهذا كلام جميل جدا.",
    "الرئيس محمد نجيب زار المدينة عام ١٩٥٣",
    "هذا رأيي في المقال، والسلام عليكم",
]


@pytest.mark.parametrize(("text", "kinds"), FOUND)
def test_what_points_at_somebody_is_found(text: str, kinds: set[str]) -> None:
    assert {one.kind for one in hints_of(text)} == kinds


@pytest.mark.parametrize("text", INNOCENT)
def test_what_points_at_nobody_is_left_alone(text: str) -> None:
    assert hints_of(text) == ()


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("I agree with Sara Ahmadi", "A talk with SARA  AHMADI about water"),
        ("با علی رضایی موافقم", "گفت\u200cوگو با علي رضايي دربارهٔ آب"),
        ("أتفق مع سمير العبدلي", "حوار مع سمير العبدليّ عن الماء"),
        ("Call 115 000 0000 then", "The line of the city: call 115 000 0000"),
    ],
)
def test_what_the_page_says_itself_is_public(text: str, page: str) -> None:
    assert hints_of(text) != ()
    assert hints_of(text, page=page) == ()
    assert hints_of(text, page="Another page about water") != ()


def test_names_that_moderators_keep_as_public_are_no_hint_and_their_phones_are() -> None:
    text = "Sara Ahmadi has the phone 0912 000 0000"
    assert {one.kind for one in hints_of(text, public=["sara ahmadi"])} == {"phone"}


def test_words_are_shown_as_the_writer_wrote_them() -> None:
    (one,) = hints_of("همسایه: زهرا محمدی\u200cنژاد.")
    assert one.text == "زهرا محمدی\u200cنژاد"
    assert {hint.text for hint in hints_of("كريم العبدلي، ٠٥٠ ١٢٣ ٤٥٦٧")} == {"كريم العبدلي", "٠٥٠ ١٢٣ ٤٥٦٧"}


@given(st.text(max_size=400), st.text(max_size=200))
def test_any_text_is_read_and_hints_are_parts_of_it(text: str, page: str) -> None:
    for one in hints_of(text, page=page):
        assert one.kind in KINDS
        assert one.text in text


def test_the_longest_comment_takes_no_time_whatever_stands_in_it() -> None:
    for part in ("Sara ", "0 ", "a.", "@", "محمد ", "کوچه ", "[at]", "1-", "flat ", "zero ", "AB12 "):
        began = time.process_time()
        hints_of(part * 2_000)
        assert time.process_time() - began < 2  # no rule that goes back and forth over a text


def test_the_queue_says_what_to_look_at_and_keeps_nothing(tmp_path) -> None:
    desk, clock = make_desk(tmp_path)
    page = tmp_path / "site" / PAGE.strip("/") / "index.html"
    page.write_text(
        '<head><title>T</title></head><script>{"datePublished":"2026-11-01T10:00:00Z"}</script>'
        '<article><h1>Talk with Sara Ahmadi</h1><div class="tail"><ol><li>Martin Kessler</li></ol></div></article>'
    )
    send(desk, clock, "I met Sara Ahmadi there, Martin Kessler was with her.", name="Peter Lang")
    (group,), _ = desk.queue()
    assert [(one.kind, one.text) for one in group.hints] == [
        ("name", "Martin Kessler")
    ]  # a comment makes nobody public
    with desk.store.connect(writes=False) as link:
        kept = "\n".join(link.iterdump())
    assert kept.count("Kessler") == 1
    (desk.store.folder / "public-names.txt").write_text("# known\nMartin Kessler\n")
    assert desk.queue()[0][0].hints == ()


def test_of_comments_with_one_text_each_name_is_said(tmp_path) -> None:
    desk, clock = make_desk(tmp_path)
    for ix, name in enumerate(("Martin Kessler", "Sara Ahmadi", "Peter Lang")):
        text = f"Everybody in this town knows very well that {name} took the money of the bridge and of the school"
        send(desk, clock, text, address=f"203.0.{ix}.1")
    groups, _ = desk.queue()
    assert {one.text for group in groups for one in group.hints} == {"Martin Kessler", "Sara Ahmadi", "Peter Lang"}


def test_every_kind_has_words_in_every_language() -> None:
    for lang in LANGUAGES:
        assert set(words_of(lang).part("queue.hint")) == set(KINDS)
        assert words_of(lang)("queue.hints") != words_of("en" if lang != "en" else "fa")("queue.hints")
