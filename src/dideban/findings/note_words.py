"""What a run says about itself, in three languages: notes, and why it found nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dideban.findings import words_ar, words_en, words_fa
from dideban.findings.words_en import Words
from dideban.schema import Note

_LANGUAGES: dict[str, Words] = {"en": words_en, "fa": words_fa, "ar": words_ar}
_COMMA = {"en": ", ", "fa": "، ", "ar": "، "}

WORDS: dict[str, tuple[str, str]] = {
    "links-no-address": (
        "{n} پیوند از {all} پیوند نشانی وب نیست و کنار گذاشته شد.",
        "{n} من {all} من الروابط ليست عناوين على الويب، فاستُبعدت.",
    ),
    "links-shortened": (
        "{n} پیوند از {all} پیوند ({pct}٪) از کوتاه‌کنندهٔ پیوند می‌گذرد. این پیوندها همان‌گونه که هستند می‌مانند؛ "
        "پس یک صفحه پشت دو پیوند کوتاه، دو صفحه شمرده می‌شود.",
        "{n} من {all} من الروابط ({pct}٪) تمر عبر مقصّرات الروابط. تبقى هذه الروابط كما هي، "
        "فتُحسب الصفحة الواحدة خلف رابطين مقصّرين صفحتين.",
    ),
    "pictures-blank": (
        "{n} اثر تصویر از آنِ تصویرهای خالی است و کنار گذاشته شد.",
        "{n} من بصمات الصور لصور فارغة، فاستُبعدت.",
    ),
    "pictures-alike": (
        "اثر شمار بسیار زیادی از تصویرها به هم می‌ماند؛ تصویرها تنها درون دسته‌های کمیاب‌تر با هم سنجیده شدند.",
        "بصمات صور كثيرة جدًا متشابهة؛ لذا لم تُقارن الصور إلا ضمن المجموعات الأندر.",
    ),
    "contacts-many": (
        "{n:,} صورت کمیاب از راه‌های تماس کنار گذاشته شد: شمارشان بیش از آن است که بتوان همه را خواند.",
        "تُركت من وسائل التواصل {n:,} صيغة نادرة: فعددها أكبر من أن تُقرأ كلها.",
    ),
    "scales-left-out": (
        "زمان‌ها تنها با دقت {resolution_s} ثبت شده‌اند: بازه‌های {scales_s} اینجا چیزی نمی‌گویند و کنار گذاشته شدند.",
        "الأوقات مسجلة بدقة {resolution_s} فقط: لا تفيد هنا النوافذ التالية فتُركت: {scales_s}.",
    ),
    "blocks-crowded": (
        "{n} بازهٔ شلوغ از محتواهای پرطرفدار برای پیشنهاد گروه به کار نرفت: شمار جفت‌ها بیش از اندازه بود.",
        "لم تُستخدم {n} من الفترات المزدحمة لمواد رائجة في اقتراح المجموعات: فالأزواج كثيرة جدًا.",
    ),
    "proposals-cut": (
        "{n} گروه پیشنهادی که پیوند میان اعضایشان از همه سست‌تر بود آزموده نشد: شمار پیشنهادها بیش از اندازه بود.",
        "لم تُختبر {n} من المجموعات المقترحة، وهي الأضعف ترابطًا: فالمقترحات كثيرة جدًا.",
    ),
    "rule-no-rate": (
        "این قاعده نرخ خطایی اعلام نمی‌کند: حساب‌های هم‌نظر را هم مانند حساب‌های هماهنگ نشان می‌دهد.",
        "لا تعلن هذه القاعدة معدل خطأ: فهي تُظهر الحسابات المتفقة في الرأي كما تُظهر الحسابات التي تعمل بتنسيق.",
    ),
    "packages-first": (
        "شمار یافته‌ها و سرنخ‌ها {n} است: تنها {most} تای نخست بستهٔ جداگانه دارند (تنظیم packages).",
        "عدد النتائج والمؤشرات الأولية {n}: لأول {most} منها فقط حزمة خاصة بها (الإعداد packages).",
    ),
    "narratives-late": (
        "{n} فرسته از پیش از زمانی است که وضعیت نگه می‌دارد: در اجراهای پیشین گفته شده، یا دیر رسیده‌اند.",
        "{n} من المنشورات أقدم مما تحفظه الحالة: ذُكرت في عمليات سابقة، أو وصلت متأخرة.",
    ),
    "narratives-short": (
        "{n} فرسته از {all} فرسته متنی کوتاه‌تر از آن دارد که سنجیده شود و در هیچ روایتی نیست.",
        "{n} من {all} من المنشورات نصها أقصر من أن يُقارن، وليست في أي سردية.",
    ),
    "narratives-no-account": (
        "هیچ حسابی از یافته‌های داده‌شده در این روایت‌ها ننوشته است: فرسته‌ها دیگرند، "
        "یا نام‌های مستعار با کلید دیگری ساخته شده‌اند.",
        "لم ينشر أي حساب من النتائج المعطاة في هذه السرديات: المنشورات غيرها، أو صُنعت الأسماء المستعارة بمفتاح آخر.",
    ),
    "copies-short": (
        "{n} متن از {all} متن بازنشر است یا کوتاه‌تر از آن که سنجیده شود.",
        "{n} من {all} من النصوص إعادة نشر أو أقصر من أن تُقارن.",
    ),
    "copies-to-the-day": (
        "زمان‌ها تنها تا روز ثبت شده‌اند: میان متن‌های یک روز نمی‌توان گفت کدام نخست بوده است.",
        "الأوقات مسجلة باليوم فقط: لا يُعرف أي نصوص اليوم الواحد كان الأول.",
    ),
    "nothing-to-test": (
        "چیزی برای آزمودن نیست: هیچ محتوایی را دو حساب منتشر نکرده‌اند، یا دقت زمان‌ها از همهٔ بازه‌ها کمتر است.",
        "لا شيء لاختباره: لم ينشر حسابان مادة واحدة، أو أن الأوقات أقل دقة من كل النوافذ.",
    ),
    "all-left-out": (
        "همهٔ {n} گروه پیشنهادی کنار گذاشته شد: تنظیمات آزمون کمتری را مجاز می‌داند.",
        "استُبعدت كل المجموعات المقترحة وعددها {n}: فالإعدادات تسمح باختبارات أقل.",
    ),
    "nobody-close": (
        "هیچ سه حسابی در دو محتوا یا بیشتر، بیش از حد انتظار به هم نزدیک نشدند "
        "({n} بازه از محتواهایی با سه انتشار یا بیشتر بررسی شد).",
        "لم تتقارب أي ثلاثة حسابات في مادتين أو أكثر على نحو يتجاوز المتوقع "
        "(فُحصت {n} من فترات المواد التي نُشرت ثلاث مرات أو أكثر).",
    ),
    "not-enough": (
        "داده برای تصمیم‌گیری کافی نیست: {n} گروه آزموده شد و حتی روشن‌ترین نتیجهٔ ممکن هم کافی نبود "
        "(شواهدی حداکثر {most} به ۱، در حالی که {least} به ۱ لازم است).",
        "البيانات غير كافية للحكم: اختُبرت {n} من المجموعات، وحتى أوضح نتيجة ممكنة ما كانت لتكفي "
        "(أدلة أقصاها {most} إلى ١، والمطلوب {least} إلى ١).",
    ),
}
"""Code to the Persian and Arabic sentence; the English one comes with the note."""


def say_note(note: str) -> dict[str, str]:
    """Return a note in ``en``, ``fa`` and ``ar``; a sentence without a known code stays English everywhere.

    Examples
    --------
    >>> say_note("Something else.")
    {'en': 'Something else.', 'fa': 'Something else.', 'ar': 'Something else.'}
    """
    plain = str(note)
    if not isinstance(note, Note) or note.code not in WORDS:
        return {"en": plain, "fa": plain, "ar": plain}
    fa, ar = WORDS[note.code]
    return {"en": plain, "fa": _fill("fa", fa, note.values), "ar": _fill("ar", ar, note.values)}


def describe_notes(notes: Sequence[str]) -> list[dict[str, Any]]:
    """Return notes as plain data: ``code``, ``values``, and the words in ``en``, ``fa`` and ``ar``."""
    return [
        {"code": getattr(note, "code", ""), "values": dict(getattr(note, "values", {})), **say_note(note)}
        for note in notes
    ]


def _fill(lang: str, text: str, values: Mapping[str, Any]) -> str:
    return text.format(**{name: _write(lang, name, value) for name, value in values.items()})


def _write(lang: str, name: str, value: Any) -> str:
    words = _LANGUAGES[lang]
    if isinstance(value, list):
        return _COMMA[lang].join(_write(lang, name, one) for one in value)
    if isinstance(value, str):
        return value
    return words.duration(value) if name.endswith("_s") else words.number(round(value) if value >= 1000 else value)
