"""Which column is which, by name: many words in several languages, and what a person says overrides."""

from __future__ import annotations

import difflib
import re
import shlex
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from dideban.errors import ConfigError
from dideban.ingest.format import TARGETS

SYNONYMS: dict[str, tuple[str, ...]] = {
    "post_id": (
        "post_id", "postid", "tweet_id", "tweetid", "status_id", "message_id", "messageid", "msg_id", "content_id",
        "id_str", "item_id", "comment_id", "video_id", "article_id", "uri", "guid", "id", "شناسه_پست", "شناسه_پیام",
        "شناسه", "معرف_المنشور", "رقم_المنشور", "المعرف",
    ),
    "account_id": (
        "account_id", "accountid", "author_id", "user_id", "userid", "from_id", "sender_id", "channel_id", "page_id",
        "user.id", "author.id", "account.id", "user.id_str", "did", "account", "author", "user", "username",
        "user_name", "user.username", "user.screen_name", "author.username", "account.acct", "user_screen_name",
        "screen_name", "screenname", "handle", "sender", "from", "channel", "channel_name", "page", "page_name",
        "account_name", "author_name", "poster", "creator", "publisher", "outlet", "domain", "source_name", "site",
        "حساب", "کاربر", "نام_کاربری", "نام_کاربر", "فرستنده", "نویسنده", "کانال", "الحساب", "المستخدم",
        "اسم_المستخدم", "المرسل", "الكاتب", "القناة", "auteur", "utilisateur", "autor", "usuario", "kullanici",
        "kullanıcı", "автор", "пользователь", "канал", "benutzer", "konto",
    ),
    "created_at": (
        "created_at", "createdat", "created_utc", "created", "timestamp_share", "timestamp", "timestamp_unix",
        "unix_timestamp", "date_utc", "datetime", "date_time", "time", "date", "post_time", "post_date", "posted_at",
        "published_at", "published", "publish_date", "publishedat", "pubdate", "pub_date", "tweet_time",
        "creation_time", "create_time", "createtime", "taken_at", "post_created", "message_date", "ts", "زمان",
        "تاریخ", "زمان_انتشار", "تاریخ_انتشار", "ساعت", "الوقت", "التاريخ", "تاريخ", "تاريخ_النشر", "وقت_النشر",
        "datum", "fecha", "heure", "tarih", "дата", "время", "data",
    ),
    "platform": ("platform", "network", "social_network", "service", "سکو", "پلتفرم", "شبکه", "المنصة", "الشبكة"),
    "text": (
        "text", "full_text", "tweet_text", "message", "body", "content", "post_text", "caption", "description",
        "selftext", "raw_content", "rawcontent", "title", "headline", "post_content", "message_text", "متن", "پیام",
        "متن_پیام", "محتوا", "عنوان", "نص", "النص", "الرسالة", "المحتوى", "texte", "texto", "metin", "текст",
    ),
    "lang": ("lang", "language", "tweet_language", "post_language", "زبان", "اللغة", "langue", "idioma", "sprache"),
    "urls": (
        "urls", "url_list", "expanded_urls", "expanded_url", "links", "link", "outlinks", "shared_url", "link_url",
        "external_url", "article_url", "url", "پیوند", "لینک", "نشانی", "رابط", "الرابط", "روابط", "lien", "enlace",
    ),
    "hashtags": ("hashtags", "hashtag", "tags", "hash_tags", "هشتگ", "هشتگها", "هاشتاق", "وسوم", "الوسوم"),
    "mentions": (
        "mentions", "user_mentions", "mentioned_users", "mentioned_user_ids",
        "نام_برده", "إشارات", "الإشارات",
    ),
    "media": (
        "media", "media_hash", "image_hash", "phash", "image_id", "media_id", "media_ids", "images", "image_urls",
        "media_url", "media_urls", "image_url", "photo", "تصویر", "رسانه", "صورة", "الصور", "وسائط",
    ),
    "repost_of": (
        "repost_of", "repost_id", "retweet_id", "retweeted_id", "retweet_tweetid", "retweeted_status_id",
        "retweeted_status.id_str", "retweeted_tweet_id", "reblog.id", "shared_post_id", "forwarded_from_id",
        "forward_from", "بازنشر", "اعادة_نشر", "إعادة_نشر",
    ),
    "reply_to": (
        "reply_to", "reply_id", "in_reply_to", "in_reply_to_id", "in_reply_to_status_id", "in_reply_to_tweetid",
        "in_reply_to_status_id_str", "reply_to_message_id", "reply_to_id", "replied_to", "parent_id", "پاسخ_به",
        "رد_على",
    ),
    "quote_of": (
        "quote_of", "quoted_id", "quoted_tweet_tweetid", "quoted_status_id", "quoted_status_id_str", "quoted_tweet_id",
        "نقل_قول",
        "اقتباس",
    ),
    "place": (
        "place", "location", "city", "region", "country", "geo", "place.full_name", "مکان", "شهر", "استان",
        "المكان", "المدينة",
    ),
    "reach": (
        "reach", "views", "view_count", "views_count", "impressions", "impression_count", "shares", "share_count",
        "shares_count", "retweet_count", "reposts", "repost_count", "reblogs_count", "forwards", "play_count",
        "playcount", "بازدید", "المشاهدات", "مشاهدات",
    ),
}  # fmt: skip
"""Column of POSTS to the names it is known by, best first."""


def plain(name: str) -> str:
    """Return a column name without case, marks, and differences of spelling that carry no meaning."""
    text = unicodedata.normalize("NFKC", name).casefold().replace("ي", "ی").replace("ك", "ک")
    text = re.sub(r"[\u064b-\u065f\u0670\u0640\u200b-\u200f\ufeff]", "", text)
    return re.sub(r"[\s\-/:]+", "_", text.strip()).strip("_#*\"'")


_PARTS = {
    "account_id": (
        "author", "account", "user", "sender", "poster", "channel", "handle", "screen", "owner", "profile", "member",
        "page", "name", "who", "حساب", "کاربر", "فرستنده", "کانال", "مستخدم", "مرسل", "قناة",
    ),
    "created_at": (
        "time", "date", "stamp", "created", "posted", "publish", "when", "زمان", "تاریخ", "وقت", "ساعت",
    ),
    "object_id": ("object", "url", "link", "repost", "retweet", "hash", "domain", "shared", "resource"),
    "created_s": ("time", "date", "stamp", "created", "posted", "when"),
}  # fmt: skip
"""What the name of a column that was not recognised may contain."""
_PLAIN = {target: tuple(plain(name) for name in names) for target, names in SYNONYMS.items()}


def guess_columns(names: Sequence[str]) -> dict[str, str]:
    """Guess target to source column from names; each source is used once, needed targets choose first."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(plain(name), name)
        known.setdefault(plain(name).replace(".", "_"), name)
    chosen: dict[str, str] = {}
    order = (
        "created_at",
        "account_id",
        "post_id",
        *(t for t in TARGETS if t not in ("created_at", "account_id", "post_id")),
    )
    for target in order:
        for word in _PLAIN[target]:
            source = known.get(word)
            if source is not None and source not in chosen.values():
                chosen[target] = source
                break
    return chosen


def apply_map(mapping: Mapping[str, str], names: Sequence[str], guessed: Mapping[str, str]) -> dict[str, str]:
    """Let what a person said override the guess.

    Raises
    ------
    ConfigError
        An unknown target, or a source column that the file does not have, with the nearest name.
    """
    check_targets(mapping)
    mapping = {target: by_place(source, names) for target, source in mapping.items()}
    for target, source in mapping.items():
        if source and source not in names:
            raise ConfigError(
                f"--map {target}={source}: no such column", hint=nearest(source, names), key=target, value=source
            )
    chosen = {target: source for target, source in guessed.items() if source not in mapping.values()}
    chosen.update(mapping)
    return {target: chosen[target] for target in TARGETS if chosen.get(target)}


def by_place(source: str, names: Sequence[str]) -> str:
    """Return the column a person meant: the one called so, else the one at that place, counted from 1."""
    if source in names or not source.isdecimal() or not 1 <= int(source) <= len(names):
        return source
    return names[int(source) - 1]


def check_targets(mapping: Mapping[str, str], targets: Sequence[str] = TARGETS) -> None:
    """Raise ConfigError where a mapping fills a column that does not exist."""
    for target in mapping:
        if target not in targets:
            raise ConfigError(
                f"--map {target}=...: not a column of posts",
                hint=nearest(target, targets),
                key=target,
                value=mapping[target],
            )


def suggest(targets: Sequence[str], names: Sequence[str], *, taken: Iterable[str] = ()) -> str:
    """Say how missing columns are named, with the columns of the file that look most like them.

    Examples
    --------
    >>> suggest(["account_id"], ["row", "posted_by_user", "when"])
    'name it, e.g. --map account_id=posted_by_user'
    >>> suggest(["account_id"], ["foo", "bar"])
    'name it: --map account_id=COLUMN, where COLUMN is one of the columns listed'
    """
    free = [name for name in names if name not in set(taken)]
    likely: dict[str, str] = {}
    for target in targets:
        looks = (name for name in free if name not in likely.values() and _looks_like(target, name))
        likely[target] = next(looks, "")
    pronoun = "it" if len(targets) == 1 else "them"
    maps = " ".join(f"--map {target}={shlex.quote(name) if name else 'COLUMN'}" for target, name in likely.items())
    if all(likely.values()):
        return f"name {pronoun}, e.g. {maps}"
    return f"name {pronoun}: {maps}, where COLUMN is one of the columns listed"


def _looks_like(target: str, name: str) -> bool:
    return any(part in plain(name) for part in _PARTS.get(target, ()))


def nearest(name: str, names: Sequence[str]) -> str:
    """Say which name was probably meant, or list some."""
    close = difflib.get_close_matches(name, list(names), n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(list(names)[:20])}"
