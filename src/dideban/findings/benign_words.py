"""What each check of an ordinary explanation saw, in three languages."""

from __future__ import annotations

from collections.abc import Mapping

from dideban.findings import words_ar, words_en, words_fa
from dideban.findings.words_en import Words

Values = Mapping[str, float | str]

_LANGUAGES: dict[str, Words] = {"en": words_en, "fa": words_fa, "ar": words_ar}

_KINDS = {
    "en": {"brand": "brand", "party": "party", "wire": "news wire", "official": "official"},
    "fa": {"brand": "برند", "party": "حزب", "wire": "خبرگزاری", "official": "رسمی"},
    "ar": {"brand": "علامة", "party": "حزب", "wire": "وكالة أنباء", "official": "رسمي"},
}
_EN = {
    "no-list": "No list of declared owners was given.",
    "none-listed": "None of the {n} accounts is on the list of declared owners.",
    "one-owner": "All {n} accounts are declared under {owner} ({kind}).",
    "owners": "Declared owners of the {n} accounts: {named}. Accounts on no list: {missing}.",
    "official": "{k} of {n} accounts are declared as official or party pages.",
    "no-links": "No links among the joint objects.",
    "own-domains": "{k} of {n} joint links lead to domains declared for these accounts.",
    "one-domain": "{k} of {n} joint links lead to {domain}; it is not declared for these accounts.",
    "top-domain": "The domain linked most, {domain}, holds {k} of {n} joint links.",
    "few-objects": "Joint objects: {n}; {least} are needed to see who leads.",
    "first": "One account was first on {k} of {n} joint objects.",
    "first-wire": "One account, declared as a news wire, was first on {k} of {n} joint objects.",
    "no-reposts": "No reposts or replies among the joint objects.",
    "no-authors": "The authors of the joint reposts and replies ({n}) are not known.",
    "one-author": "{k} of {n} joint objects are reposts of, or replies to, one account.",
    "to-the-minute": "Times are to the minute: steady delays cannot be told apart.",
    "few-followers": "Members that follow often enough to judge their delay: {n}; two are needed.",
    "steady": "{k} of {n} following members keep a steady delay behind the first share.",
    "one-site": (
        "{k} of {n} joint links and texts come from {domain}; {full} of {members} accounts passed nearly all on."
    ),
    "peak": "{k} of {n} joint shares lie within {minutes} minutes from {at}.",
    "named": "Joint texts or hashtags that name a time of day: {named}.",
    "no-others": "Nobody else shared these objects: there is no clock to compare with.",
    "all-to-the-minute": "Times are to the minute for everybody.",
    "clock": (
        "On a round minute: {round_here}% of the joint shares, {round_there}% of others' shares of the same objects; "
        "in the same second as another account: {same_here}% and {same_there}%."
    ),
}
_FA = {
    "no-list": "فهرستی از صاحبان اعلام‌شده در دست نیست.",
    "none-listed": "هیچ‌یک از این {n} حساب در فهرست صاحبان اعلام‌شده نیست.",
    "one-owner": "هر {n} حساب زیر نام {owner} ({kind}) اعلام شده‌اند.",
    "owners": "صاحبان اعلام‌شدهٔ این {n} حساب: {named}. حساب‌هایی که در هیچ فهرستی نیستند: {missing}.",
    "official": "{k} از {n} حساب به عنوان صفحهٔ رسمی یا حزبی اعلام شده‌اند.",
    "no-links": "در میان محتواهای مشترک پیوندی نیست.",
    "own-domains": "{k} از {n} پیوند مشترک به دامنه‌هایی می‌رسد که از آنِ همین حساب‌ها اعلام شده است.",
    "one-domain": "{k} از {n} پیوند مشترک به {domain} می‌رسد؛ این دامنه برای این حساب‌ها اعلام نشده است.",
    "top-domain": "پرپیوندترین دامنه، {domain}، {k} از {n} پیوند مشترک را دارد.",
    "few-objects": "شمار محتواهای مشترک {n} است؛ برای دیدن پیشرو دست‌کم {least} لازم است.",
    "first": "یک حساب در {k} از {n} محتوای مشترک نخستین بود.",
    "first-wire": "یک حساب که خبرگزاری اعلام شده، در {k} از {n} محتوای مشترک نخستین بود.",
    "no-reposts": "در میان محتواهای مشترک بازنشر یا پاسخی نیست.",
    "no-authors": "نویسندگان بازنشرها و پاسخ‌های مشترک ({n}) شناخته نیستند.",
    "one-author": "{k} از {n} محتوای مشترک، بازنشر یا پاسخ به یک حساب است.",
    "to-the-minute": "زمان‌ها تا دقیقه ثبت شده‌اند: تأخیر ثابت را نمی‌توان تشخیص داد.",
    "few-followers": "شمار اعضایی که تأخیرشان را می‌توان سنجید {n} است؛ دو عضو لازم است.",
    "steady": "{k} از {n} عضو دنبال‌کننده تأخیری ثابت پس از نخستین انتشار دارند.",
    "one-site": (
        "{k} از {n} پیوند و متن مشترک از {domain} است؛ {full} از {members} حساب تقریباً همهٔ آن‌ها را منتشر کرده‌اند."
    ),
    "peak": "{k} از {n} انتشار مشترک در بازه‌ای {minutes} دقیقه‌ای از {at} است.",
    "named": "متن‌ها یا هشتگ‌های مشترکی که ساعتی را نام می‌برند: {named}.",
    "no-others": "کس دیگری این محتواها را منتشر نکرده است: ساعتی برای مقایسه نیست.",
    "all-to-the-minute": "زمان‌ها برای همه تا دقیقه ثبت شده‌اند.",
    "clock": (
        "درست سر دقیقه: {round_here}٪ از انتشارهای مشترک و {round_there}٪ از انتشارهای دیگران از همان محتواها؛ "
        "در همان ثانیهٔ حسابی دیگر: {same_here}٪ و {same_there}٪."
    ),
}
_AR = {
    "no-list": "لم تُقدَّم قائمة بالمالكين المعلنين.",
    "none-listed": "لا يرد أي من هذه الحسابات في قائمة المالكين المعلنين (عدد الحسابات {n}).",
    "one-owner": "هذه الحسابات كلها معلنة باسم {owner} ({kind})، وعددها {n}.",
    "owners": "المالكون المعلنون لهذه الحسابات (عددها {n}): {named}. وعدد الحسابات غير الواردة في أي قائمة: {missing}.",
    "official": "من {n} من الحسابات أُعلن {k} منها صفحاتٍ رسمية أو حزبية.",
    "no-links": "لا روابط بين المواد المشتركة.",
    "own-domains": "{k} من {n} من الروابط المشتركة تقود إلى نطاقات معلنة لهذه الحسابات.",
    "one-domain": "{k} من {n} من الروابط المشتركة تقود إلى {domain}، وهو غير معلن لهذه الحسابات.",
    "top-domain": "أكثر النطاقات ورودًا، {domain}، له {k} من {n} من الروابط المشتركة.",
    "few-objects": "عدد المواد المشتركة {n}؛ ويلزم {least} لمعرفة من يسبق.",
    "first": "سبق حساب واحد إلى {k} من {n} من المواد المشتركة.",
    "first-wire": "سبق حساب واحد، معلن أنه وكالة أنباء، إلى {k} من {n} من المواد المشتركة.",
    "no-reposts": "لا إعادات نشر ولا ردود بين المواد المشتركة.",
    "no-authors": "أصحاب المنشورات التي أُعيد نشرها أو رُدّ عليها غير معروفين (عددها {n}).",
    "one-author": "{k} من {n} من المواد المشتركة إعادات نشر لحساب واحد أو ردود عليه.",
    "to-the-minute": "الأوقات مسجلة بالدقائق: لا يمكن تمييز التأخر الثابت.",
    "few-followers": "عدد الأعضاء الذين يمكن تقدير تأخرهم {n}؛ ويلزم اثنان.",
    "steady": "{k} من {n} من الأعضاء التابعين يحافظون على تأخر ثابت عن أول نشر.",
    "one-site": (
        "{k} من {n} من الروابط والنصوص المشتركة مصدرها {domain}؛ "
        "وقد نقل {full} من {members} من الحسابات معظمها أو كلها."
    ),
    "peak": "{k} من {n} من مرات النشر المشتركة تقع في مدة {minutes} من الدقائق ابتداءً من {at}.",
    "named": "النصوص أو الوسوم المشتركة التي تذكر ساعة محددة: {named}.",
    "no-others": "لم ينشر أحد سواها هذه المواد: لا توجد ساعة للمقارنة.",
    "all-to-the-minute": "الأوقات مسجلة بالدقائق عند الجميع.",
    "clock": (
        "على رأس الدقيقة: {round_here}٪ من مرات النشر المشتركة و{round_there}٪ من نشر الآخرين للمواد نفسها؛ "
        "وفي الثانية نفسها مع حساب آخر: {same_here}٪ و{same_there}٪."
    ),
}
_SENTENCES = {"en": _EN, "fa": _FA, "ar": _AR}


def write_details(keys: tuple[str, ...], values: Values) -> dict[str, str]:
    """Write what a check saw in every language.

    Parameters
    ----------
    keys : slugs of sentences
        In order.
    values : mapping
        Numbers (written with the digits of the language) and texts (put in as they are; ``kind`` is translated).
    """
    return {lang: _write(lang, keys, values) for lang in _LANGUAGES}


def _write(lang: str, keys: tuple[str, ...], values: Values) -> str:
    words = _LANGUAGES[lang]
    filled = {name: v if isinstance(v, str) else words.number(v) for name, v in values.items()}
    if "kind" in filled:
        filled["kind"] = _KINDS[lang][filled["kind"]]
    return " ".join(_SENTENCES[lang][key].format(**filled) for key in keys)
