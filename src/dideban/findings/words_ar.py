"""Arabic sentences of a statement: الجمل العربية.

A counted noun takes one of five forms: one, two (dual), 3-10 (plural), 11-99 (accusative singular), and the genitive
singular after hundreds; the last two digits decide (Unicode CLDR plural rules for ``ar``).
"""

from __future__ import annotations

from dideban.findings.words_en import Pushes, split_duration
from dideban.kinds import kind_of

_DIGITS = str.maketrans("0123456789,.", "٠١٢٣٤٥٦٧٨٩٬٫")
Forms = tuple[str, str, str, str, str]

_UNITS: dict[str, Forms] = {
    "second": ("ثانية واحدة", "ثانيتين", "ثوانٍ", "ثانية", "ثانية"),
    "minute": ("دقيقة واحدة", "دقيقتين", "دقائق", "دقيقة", "دقيقة"),
    "hour": ("ساعة واحدة", "ساعتين", "ساعات", "ساعة", "ساعة"),
    "day": ("يومًا واحدًا", "يومين", "أيام", "يومًا", "يوم"),
}
_ACCOUNTS: Forms = ("حساب واحد", "حسابان", "حسابات", "حسابًا", "حساب")
_OBJECTS: Forms = ("مادة واحدة مشتركة", "مادتين مشتركتين", "مواد مشتركة", "مادة مشتركة", "مادة مشتركة")
_TRIES: Forms = ("محاولة واحدة", "محاولتين", "محاولات", "محاولة", "محاولة")
_FINDINGS: Forms = ("نتيجة واحدة", "نتيجتين", "نتائج", "نتيجة", "نتيجة")
_KINDS: dict[str, tuple[str, Forms, str, str]] = {
    "link": (
        "نشرت",
        ("رابطًا واحدًا مشتركًا", "رابطين مشتركين", "روابط مشتركة", "رابطًا مشتركًا", "رابط مشترك"),
        "",
        "نشروا تلك الروابط",
    ),
    "domain": (
        "نشرت روابط إلى",
        ("موقع واحد مشترك", "موقعين مشتركين", "مواقع مشتركة", "موقعًا مشتركًا", "موقع مشترك"),
        "",
        "نشروا روابط إلى تلك المواقع",
    ),
    "repost": (
        "أعادت نشر",
        ("منشور واحد مشترك", "منشورين مشتركين", "منشورات مشتركة", "منشورًا مشتركًا", "منشور مشترك"),
        "",
        "أعادوا نشر تلك المنشورات",
    ),
    "text": (
        "نشرت",
        ("نصًّا واحدًا مشتركًا", "نصّين مشتركين", "نصوص مشتركة", "نصًّا مشتركًا", "نص مشترك"),
        " (حرفيًّا أو بتغيير طفيف)",
        "نشروا تلك النصوص",
    ),
    "hashtags": (
        "استخدمت",
        (
            "سلسلة وسوم واحدة مشتركة",
            "سلسلتي وسوم مشتركتين",
            "سلاسل وسوم مشتركة",
            "سلسلة وسوم مشتركة",
            "سلسلة وسوم مشتركة",
        ),
        "",
        "استخدموا سلاسل الوسوم تلك",
    ),
    "media": (
        "نشرت",
        (
            "مادة مرئية واحدة مشتركة",
            "مادتين مرئيتين مشتركتين",
            "مواد مرئية مشتركة",
            "مادة مرئية مشتركة",
            "مادة مرئية مشتركة",
        ),
        " (صورًا أو مقاطع)",
        "نشروا تلك المواد المرئية",
    ),
    "reply": (
        "ردّت على",
        (
            "منشور أو حساب واحد مشترك",
            "منشورين أو حسابين مشتركين",
            "منشورات أو حسابات مشتركة",
            "منشورًا أو حسابًا مشتركًا",
            "منشور أو حساب مشترك",
        ),
        "",
        "ردّوا على تلك المنشورات أو الحسابات",
    ),
    "contact": (
        "ذكرت",
        (
            "وسيلة تواصل واحدة مشتركة",
            "وسيلتي تواصل مشتركتين",
            "وسائل تواصل مشتركة",
            "وسيلة تواصل مشتركة",
            "وسيلة تواصل مشتركة",
        ),
        " (للشراء أو الاتصال أو الانضمام أو المراسلة أو الدفع)",
        "ذكروا وسائل التواصل تلك",
    ),
    "object": ("نشرت", _OBJECTS, "", "نشروا تلك المواد"),
}
_METHODS = {
    "coortweet": "بقاعدة العتبة كما يحسبها CooRTweet",
    "qut": "بقاعدة العتبة كما تحسبها أداة QUT",
}

LEAD = "هذا مؤشر أولي وليس نتيجة مثبتة: فالدليل أضعف مما يقتضيه معدل الخطأ المعلن للنتائج. تحقّقوا منه بأنفسكم."
LEAD_REASONS = {
    "own": (
        "ولم يكد ينشر هذه المواد أحد غيرها، فلا أحد تُقارن به هذه الحسابات؛ "
        "ويستند المؤشر إلى أن المواد المماثلة تنتشر في غير هذا الموضع على نحو أبطأ."
    ),
    "source": ("ومعظم هذه المواد من مصدر واحد يحدد الوقت لكل من يتابعه: وهكذا تبدو البرامج التي تعيد نشر خلاصة أخبار."),
}
NO_RATE = (
    "وليس لهذه القاعدة معدل خطأ معلن: فهي تُظهر الحسابات التي تتفق في الرأي فحسب كما تُظهر الحسابات التي تعمل بالتنسيق."
)
CLOSING = "والتنسيق مشروع في كثير من الأحيان؛ ولا يبيّن هذا النص من يقف وراءه ولا لماذا."
LABELS = {
    "unexplained": "",
    "declared": "ولهذه الحسابات كلها، بحسب المعلن، مالك واحد.",
    "contradicts-declared": "ولهذه الحسابات، بحسب المعلن، مالكون مختلفون.",
}


def number(value: float) -> str:
    """Write a number with Arabic-Indic digits: ٢٠٬٠٠٠."""
    return f"{value:,.3f}".rstrip("0").rstrip(".").translate(_DIGITS)


def duration(seconds: float) -> str:
    """Write a length of time in the accusative, as after "does not exceed"."""
    count, unit = split_duration(seconds)
    return _counted(count, _UNITS[unit])


def push(kind: str, n: int) -> str:
    """Say what was done with ``n`` objects of a kind."""
    verb, forms, note, _ = _KINDS[kind_of(kind).says]
    return f"{verb} {_counted(n, forms)}{note}"


def acts(n_accounts: int, pushes: Pushes) -> str:
    """Say who did what, how closely."""
    first, *rest = [f"{' و'.join(what)} بفارق زمني لا يتجاوز {window}" for window, what in pushes]
    verb, _, obj = first.partition(" ")
    who = f"هذه الحسابات، وعددها {_counted(n_accounts, _ACCOUNTS)}،"
    done = " و".join([f"{verb} {who} {obj}", *rest])
    return f"{done}، وفي كل مرة حسابان منها على الأقل."


def chance(kind: str | None, tries: int) -> str:
    """Say how rare it is by chance."""
    others = _KINDS[kind_of(kind).says if kind else "object"][3]
    return (
        f"وبين الآخرين الذين {others} في الساعات نفسها، يحدث مثل هذا التقارب الزمني مصادفةً أقل من مرة واحدة "
        f"في كل {_counted(tries, _TRIES)}."
    )


def wrong(k: int, n: int) -> str:
    """Say how many findings of the list are wrong."""
    return (
        f"ومن كل {_counted(n, _FINDINGS)} في هذه القائمة، "
        f"يُتوقَّع أن يكون الخطأ في نحو {_counted(k, _FINDINGS)} على الأكثر."
    )


def rule(method: str, min_weight: int, window: str) -> str:
    """Say which fixed rule made the list."""
    if method != "threshold":
        return f"وقد أُدرجت هذه المجموعة {_METHODS[method]}، بنافذة زمنية لا تتجاوز {window}."
    return (
        f"وقد أُدرجت هذه المجموعة بقاعدة العتبة: كل حسابين نشرا {_counted(min_weight, _OBJECTS)} على الأقل "
        f"بفارق زمني لا يتجاوز {window}."
    )


def _counted(n: float, forms: Forms) -> str:
    """Return the number with the noun form it asks for."""
    one, two, few, many, other = forms
    if n in (1, 2):
        return one if n == 1 else two
    if n != int(n):
        return f"{number(n)} {other}"
    last = int(n) % 100
    form = few if 3 <= last <= 10 else many if last >= 11 else other
    return f"{number(n)} {form}"
