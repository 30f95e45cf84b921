"""Phone numbers, mail addresses, handles, numbers of papers and cars, and where somebody lives."""

from __future__ import annotations

import re
from collections.abc import Iterator

ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "oh")
PERSIAN = ("صفر", "یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه")
ARABIC = ("واحد", "اثنان", "اثنین", "ثلاثه", "اربعه", "خمسه", "سته", "سبعه", "ثمانیه", "تسعه")
WORD_DIGIT = "|".join((*ENGLISH, *PERSIAN, *ARABIC))
SPOKEN = re.compile(rf"(?<!\w)(?:(?:{WORD_DIGIT}|\d)[\s,،\-]+){{6,14}}(?:{WORD_DIGIT}|\d)(?!\w)", re.IGNORECASE)
"""Seven digits or more, said as words."""
DIGITS = re.compile(r"(?<![\w.,٫٬])\+?\(?\d(?:[\s().\-–/]{0,2}\d){6,17}(?!\w)")
DATE = re.compile(
    r"(?:1[34]\d\d|20\d\d|19\d\d)\s?[-–/.]\s?\d{1,2}\s?[-–/.]\s?\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d\d)"
)
YEARS = re.compile(r"(?:1[1-4]|19|20)\d\d(?:\s?[-–/.\s]\s?(?:1[1-4]|19|20)\d\d)+")
GROUPED = re.compile(r"[1-9]\d{0,2}(?:([ .])\d{3})(?:\1\d{3})*")
"""A large number in groups of three."""
MAIL = re.compile(
    r"[\w.+-]{1,64}(?:@|\s?[\[(]\s?at\s?[\])]\s?)[\w-]{1,63}(?:\s?(?:\.|[\[(]\s?dot\s?[\])])\s?[\w-]{2,63}){1,4}"
    r"|[\w.+-]{2,64} at [\w-]{2,63} dot [a-z]{2,10}(?!\w)",
    re.I,
)
PROFILE = re.compile(
    r"(?:t\.me|telegram\.me|instagram\.com|twitter\.com|(?<!\w)x\.com|facebook\.com|fb\.com|wa\.me|tiktok\.com"
    r"|linkedin\.com/in|youtube\.com|eitaa\.com|ble\.ir|rubika\.ir|snapchat\.com/add)/@?[\w.+-]{2,60}|(?<![\w.@/])@[\w.]{3,40}",
    re.I,
)
IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:\s?[\dA-Z]{4}){3,7}(?:\s?[\dA-Z]{1,3})?(?!\w)")
PAPER = re.compile(
    r"(?:کد\s?ملی|شماره\s?ملی|شناسنامه|گذرنامه|پاسپورت|رقم\s?الهویه|الرقم\s?القومی|الرقم\s?الوطنی|جواز\s?سفر\w*"
    r"|passport|national\s?id|id\s?number|social\s?security)\D{0,25}[A-Z]?\d[\d -]{3,20}\d",
    re.I,
)
PLATE = re.compile(
    r"(?<!\w)\d{2}\s?(?:[ا-ی]|الف)\s?\d{3}\s?[-–]?\s?(?:ایران)?\s?\d{2}(?!\w)"
    r"|(?<!\w)[A-Z]{2,3}[- ]?\d{2,3}[- ][A-Z]{2,3}(?!\w)|(?<!\w)[A-Z]{2}\d{2}\s[A-Z]{3}(?!\w)"
    r"|(?:پلاک\s?(?:ماشین|خودرو)\w*|لوحه\s?(?:سیاره|السیاره)\w*|(?:number|licen[cs]e)\s?plate)"
    r"\D{0,12}[\w -]{0,14}\d{2,}"
    r"|(?<!\w)[ا-ی](?:\s[ا-ی]){1,2}\s\d{3,4}(?!\w)",
    re.I,
)
ADDRESS = re.compile(
    r"(?<![\w-])\d{1,5}[a-d]?,?\s(?:[^\W\d]+\s){1,3}(?:street|st|road|rd|avenue|ave|lane|ln|drive|boulevard|blvd|court|terrace|close)(?!\w)"
    r"|(?<!\w)(?:flat|apartment|apt|house)\s(?:no\.?\s?|number\s|#)?\d{1,4}(?!\w)"
    r"|(?<!\w)(?:کوچه|خیابان|بلوار|بنبست|مجتمع|ساختمان|برج|شهرک)(?:ی)?\s[^\n]{0,50}?(?:پلاک|واحد|طبقه|بلوک|زنگ|شماره)ی?\s?\d{1,4}"
    r"|(?<!\w)پلاک\s?\d{1,4}(?!\w|\s?[ا-ی]\s?\d)"
    r"|(?<!\w)(?:شارع|حی|زقاق|حاره|عماره|بنایه|برج|مبنی)\s[^\n]{0,50}?(?:رقم|شقه|الطابق|منزل|بیت|عماره|بنایه)\s?(?:رقم\s?)?\d{1,4}"
    r"|(?<!\w)(?:شقه|منزل|بیت)\s(?:رقم\s)?\d{1,4}(?!\w)",
    re.I,
)
LIVES = re.compile(
    r"(?<!\w)(?:he|she)\s(?:lives|works|sleeps)\s(?:at|in|on|near|next|behind|opposite|above)(?!\w)(?:\s\w+){0,4}"
    r"|(?<!\w)(?:his|her)\s(?:house|home|flat|address|office|shop|school)\sis(?!\w)(?:\s\w+){0,4}"
    r"|(?<!\w)(?:خانه|خونه|منزل|مغازه|مدرسه|ادرس|آدرس|نشانی)(?:\s?)(?:اش|ش|شان|شون)(?!\w)(?:\s\w+){0,4}"
    r"|(?<!\w)محل\s?(?:کارش|زندگیاش|زندگیش|سکونتش)(?!\w)(?:\s\w+){0,4}"
    r"|(?<!\w)(?:یسکن|تسکن|یقیم|تقیم)\s(?:فی|قرب|بجانب|خلف|عند)(?!\w)(?:\s\w+){0,4}"
    r"|(?<!\w)(?:بیته|بیتها|منزله|منزلها|عنوانه|عنوانها|(?:مکان|محل)\s(?:عمله|عملها))(?!\w)(?:\s\w+){0,4}",
    re.I,
)
RULES = (
    ("mail", MAIL), ("handle", PROFILE), ("number", IBAN), ("number", PAPER), ("number", PLATE), ("address", ADDRESS),
    ("address", LIVES), ("phone", SPOKEN),
)  # fmt: skip
CALLS = re.compile(
    r"(?:call|phone|tel|mobile|whatsapp|شماره|تلفن|موبایل|تماس|زنگ|واتساپ|هاتف|جوال|اتصل\w*)\W{0,3}(?:\w+\W){0,3}$",
    re.I,
)
LONG = 9
"""Digits in a row from which a number that is no phone number may be of a paper, a card or an account."""


def find_contacts(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield kind, start and end; ``text`` as :func:`plain` returns it."""
    left = text
    for kind, rule in RULES:
        for match in rule.finditer(left):
            yield kind, *match.span()
        left = rule.sub(lambda match: "\n" * len(match.group()), left)  # nothing is said twice
    for match in DIGITS.finditer(left):
        if kind := _kind_of(match.group(), before=left[: match.start()]):
            yield kind, *match.span()


def _kind_of(said: str, *, before: str) -> str:
    """Return what a sequence of digits is: a phone number, another number of a person, or nothing of the kind."""
    n = sum(c.isdigit() for c in said)
    calls = CALLS.search(before[-60:])
    if DATE.fullmatch(said) or YEARS.fullmatch(said):
        return ""
    if said.isdigit() and not said.startswith("0") and not calls:
        return "number" if n >= LONG else ""
    if GROUPED.fullmatch(said) and not calls:
        return ""
    return "phone" if n <= 15 and (calls or n >= 8) else "number" if n >= LONG else ""
