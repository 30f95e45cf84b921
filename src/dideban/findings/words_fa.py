"""Persian sentences of a statement: جمله‌های فارسی."""

from __future__ import annotations

from dideban.findings.words_en import Pushes, split_duration
from dideban.kinds import kind_of

_DIGITS = str.maketrans("0123456789,.", "۰۱۲۳۴۵۶۷۸۹٬٫")
_UNITS = {"second": "ثانیه", "minute": "دقیقه", "hour": "ساعت", "day": "روز"}
_KINDS = {
    "link": ("{n} پیوند یکسان را به اشتراک گذاشته‌اند", "همان پیوندها را به اشتراک گذاشته‌اند"),
    "domain": ("به {n} وبگاه یکسان پیوند داده‌اند", "به همان وبگاه‌ها پیوند داده‌اند"),
    "repost": ("{n} فرستهٔ یکسان را بازنشر کرده‌اند", "همان فرسته‌ها را بازنشر کرده‌اند"),
    "text": ("{n} متن یکسان (یا با تغییری اندک) را منتشر کرده‌اند", "همان متن‌ها را منتشر کرده‌اند"),
    "hashtags": ("{n} دنبالهٔ یکسان از هشتگ‌ها را به کار برده‌اند", "همان دنبالهٔ هشتگ‌ها را به کار برده‌اند"),
    "media": ("{n} تصویر یا ویدیوی یکسان را منتشر کرده‌اند", "همان تصویرها یا ویدیوها را منتشر کرده‌اند"),
    "reply": ("به {n} فرسته یا حساب یکسان پاسخ داده‌اند", "به همان فرسته‌ها یا حساب‌ها پاسخ داده‌اند"),
    "contact": (
        "{n} راه تماس یکسان (برای خرید، تماس، عضویت، نامه یا پرداخت) را آورده‌اند",
        "همان راه‌های تماس را آورده‌اند",
    ),
    "object": ("{n} محتوای یکسان را منتشر کرده‌اند", "همان محتواها را منتشر کرده‌اند"),
}
_METHODS = {
    "coortweet": "با قاعدهٔ آستانه، همان‌گونه که CooRTweet حساب می‌کند",
    "qut": "با قاعدهٔ آستانه، همان‌گونه که ابزار QUT حساب می‌کند",
}

LEAD = (
    "این یک سرنخ است، نه یافته‌ای اثبات‌شده: "
    "شواهد آن ضعیف‌تر از نرخ خطایی است که برای یافته‌ها اعلام شده. خودتان آن را بررسی کنید."
)
LEAD_REASONS = {
    "own": (
        "تقریباً کس دیگری این محتواها را منتشر نکرده است، پس کسی نیست که این حساب‌ها با او سنجیده شوند؛ "
        "سرنخ بر این استوار است که محتواهای همانند در جاهای دیگر کندتر پخش می‌شوند."
    ),
    "source": (
        "بیشتر این محتواها از یک منبع است و همان منبع زمان را برای دنبال‌کنندگانش تعیین می‌کند: "
        "برنامه‌هایی که یک خوراک خبری را بازپخش می‌کنند به همین شکل دیده می‌شوند."
    ),
}
NO_RATE = (
    "این قاعده نرخ خطای اعلام‌شده‌ای ندارد: "
    "حساب‌هایی را که فقط هم‌نظرند هم، مانند حساب‌هایی که هماهنگ عمل می‌کنند، نشان می‌دهد."
)
CLOSING = "هماهنگی در بسیاری از موارد مشروع است؛ این متن نمی‌گوید چه کسی پشت آن است و چرا."
LABELS = {
    "unexplained": "",
    "declared": "همهٔ این حساب‌ها بنا بر اعلام، یک صاحب مشترک دارند.",
    "contradicts-declared": "این حساب‌ها بنا بر اعلام، صاحبان متفاوتی دارند.",
}


def number(value: float) -> str:
    """Write a number with Persian digits: ۲۰٬۰۰۰."""
    return f"{value:,.3f}".rstrip("0").rstrip(".").translate(_DIGITS)


def duration(seconds: float) -> str:
    """Write a length of time; the noun stays singular after a number."""
    count, unit = split_duration(seconds)
    return f"{_count(count)} {_UNITS[unit]}"


def push(kind: str, n: int) -> str:
    """Say what was done with ``n`` objects of a kind."""
    return _KINDS[kind_of(kind).says][0].format(n=_count(n))


def acts(n_accounts: int, pushes: Pushes) -> str:
    """Say who did what, how closely."""
    done = " و ".join(f"با فاصلهٔ زمانی حداکثر {window} از یکدیگر، {' و '.join(what)}" for window, what in pushes)
    return f"این {number(n_accounts)} حساب {done}؛ هر بار دست‌کم دو حساب از آن‌ها."


def chance(kind: str | None, tries: int) -> str:
    """Say how rare it is by chance."""
    others = _KINDS[kind_of(kind).says if kind else "object"][1]
    return (
        f"در میان دیگرانی که در همان ساعت‌ها {others}، "
        f"چنین نزدیکی زمانی‌ای از روی تصادف در هر {number(tries)} بار کمتر از یک بار پیش می‌آید."
    )


def wrong(k: int, n: int) -> str:
    """Say how many findings of the list are wrong."""
    return f"انتظار می‌رود از هر {number(n)} یافتهٔ این فهرست، حداکثر حدود {_count(k)} یافته نادرست باشد."


def rule(method: str, min_weight: int, window: str) -> str:
    """Say which fixed rule made the list."""
    if method != "threshold":
        return f"این گروه {_METHODS[method]} و با پنجرهٔ زمانی {window} فهرست شده است."
    return (
        f"این گروه با قاعدهٔ آستانه فهرست شده است: هر دو حسابی که دست‌کم {_count(min_weight)} محتوای یکسان را "
        f"با فاصلهٔ زمانی حداکثر {window} منتشر کنند."
    )


def _count(n: float) -> str:
    return "یک" if n == 1 else number(n)
