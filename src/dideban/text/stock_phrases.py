"""Texts that anybody may write at any time: greetings, wishes, calls to subscribe. They are not objects."""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from dideban.text.letters import fold_char
from dideban.text.normalise import normal_form

SIGNATURE_LETTERS = 30
"""A last line with a link or a name and fewer letters of its own is the channel's signature, not the message."""
_LAST_LINE = r"\n([^\n]*)\s*$"
_POINTER = r"://|@\w|\bt\.me/|www\."

_WORDS = """
good morning afternoon evening night day days everyone everybody all dear friends friend family hello hi hey happy merry
birthday anniversary christmas new year years friday monday sunday saturday weekend eid mubarak ramadan kareem nowruz a an
the and or of to for from with have has be is are you your yours my our we i it this that in on at so very much more here
nice great lovely wonderful beautiful blessed peaceful sweet sweetest thank thanks welcome congratulations best wishes wish
god bless love week month hope today tomorrow back up dreams health happiness peace joy
subscribe join follow like share retweet repost comment comments below channel page link bio click tap read watch video
photo photos telegram twitter instagram facebook youtube whatsapp sent via app please don't forget us me now
سلام درود صبح ظهر عصر شب روز روزتون روزتان شبتون شبتان صبحتون صبحتان بخیر به خیر خوش خوشی خوب خوبی عالی زیبا قشنگ وقت وقتتون همه همگی
همگان شما تو ما من عزیز عزیزان عزیزم دوستان دوست گرامی گل مهربان تولد تولدت تولدتون مبارک مبارکت باد باشه باشد باشید باشین باشی
عید نوروز سال نو جمعه شنبه یکشنبه دوشنبه سه‌شنبه چهارشنبه پنجشنبه هفته پایان آخر داشته کنید بشه را رو و در با از برای هم که این
آرزوی آرزومند سلامتی شادی موفق پیروز سپاس ممنون تشکر متشکرم خدا خدای حافظ نگهدار امیدوارم
عضو شوید شو کانال پیج صفحه گروه لینک بیو کلیک ادامه مطلب بخوانید ببینید ویدیو عکس فیلم تلگرام توییتر اینستاگرام یوتیوب واتساپ لایک
فالو کامنت اشتراک بگذارید نشر دهید حمایت ما را دنبال
صباح مساء الخير النور الورد الفل السلام عليكم وعليكم ورحمة الله وبركاته جمعة مباركة مبارك عليكم كل عام وانتم وأنتم وأنت بخير يوم يومكم
سعيد سعيدة جميل جميلة طيب طيبة أهلا اهلا وسهلا مرحبا بكم جميعا أصدقائي اصدقائي أحبتي الأعزاء الاعزاء عيد ميلاد رمضان كريم شكرا
لكم لك يا من في على إلى الى و ليلة ليلتكم تصبحون تصبح اسبوع اسبوعكم نهاية اللهم آمين امين والحمد لله الحمد
اشترك اشتركوا انضم انضموا قناتنا القناة صفحتنا الرابط اضغط هنا شاهد شاهدوا فيديو صورة صور تلغرام تويتر انستغرام فيسبوك يوتيوب واتساب
إعجاب اعجاب مشاركة شارك شاركوا تابعونا تابع تابعوا
доброе утро добрый день вечер доброй спокойной ночи всем друзья привет здравствуйте с днем рождения праздником новым годом
поздравляю поздравляем хорошего дня хорошей недели вам вас и в на спасибо
подписаться подпишись подписывайтесь канал наш наши читать далее читайте смотрите видео фото ссылка телеграм прислать пришли новость новости нам бот чат предложить
"""


@lru_cache(maxsize=1)
def generic_words() -> list[str]:
    """Return the words in normal form, each between spaces."""
    folded = {"".join(map(fold_char, word)) for word in _WORDS.split()}
    return sorted(f" {word} " for word in folded)


def is_generic(forms: pl.Series, *, least: int = 15) -> pl.Series:
    """Return which normal forms hold fewer than ``least`` letters outside greetings and calls to subscribe.

    Examples
    --------
    >>> is_generic(pl.Series(["good morning dear friends have a lovely day"])).to_list()
    [True]
    """
    return _own_letters(forms) < least


def drop_signatures(texts: pl.Series) -> pl.Series:
    r"""Return texts without the signature lines of channels at their end ("Subscribe | Send us news").

    A text of one line stays as it is; at most three lines go.

    Examples
    --------
    >>> drop_signatures(pl.Series(["The bridge is open again\n\n[Subscribe](https://example.org/a) | @desk"])).to_list()
    ['The bridge is open again']
    """
    for _ in range(3):
        last = texts.str.extract(_LAST_LINE)
        rows = (last.str.contains(_POINTER)).fill_null(False).arg_true()
        if not len(rows):
            break
        rows = rows.filter(_own_letters(normal_form(last.gather(rows))) < SIGNATURE_LETTERS)
        if not len(rows):
            break
        texts = texts.clone().scatter(rows, texts.gather(rows).str.replace(_LAST_LINE, "").str.strip_chars_end())
    return texts


def _own_letters(forms: pl.Series) -> pl.Series:
    """Count the letters of normal forms outside generic words."""
    spaced = " " + forms.str.replace_all(" ", "  ", literal=True) + " "
    rest = spaced.str.replace_many(generic_words(), [""])
    return rest.str.replace_all(" ", "", literal=True).str.len_chars()
