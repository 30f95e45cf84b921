"""Columns that no list of names knows: what parts of their names and what they hold make likely."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import polars as pl

from dideban.ingest.column_evidence import ADDRESS, HOST, FirstRows
from dideban.ingest.columns import PARTS, SYNONYMS, plain
from dideban.ingest.permalinks import NAMES, plain_platform

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_AN_ACCOUNT = (
    "descri", "follow", "friend", "created", "creation", "verif", "url", "link", "image", "avatar", "photo", "count",
    "date", "time", "number", "lang", "location", "country", "gender", "age", "type", "original", "retweet", "quoted",
    "repl", "mention", "forward", "fwd", "repost", "reblog", "shared", "domain", "تعداد", "عدد", "تاریخ", "تاريخ",
)  # fmt: skip
"""Parts of names of columns that say something of an account and do not name it."""
_TEXTS = (
    "text", "message", "content", "caption", "body", "comment", "inhalt", "nachricht", "contenu", "contenido",
    "mensaje", "metin", "icerik", "текст", "сообщ", "متن", "محتوا", "نص", "محتوى", "正文", "内容",
)  # fmt: skip
_SHORT_IDS = ("cid", "mid", "pid", "tid", "fbid", "msgid", "postid")
_IDS = ("id", *_SHORT_IDS, "شناسه", "معرف", "nummer", "número", "номер")
_POSTS = (
    "perma",
    "post",
    "message",
    "mention",
    "status",
    "tweet",
    "video",
    "article",
    "story",
    "منشور",
    "تغريدة",
    "پست",
    "پیام",
    "توییت",
    "微博",
    "推文",
    "帖子",
    "beitrag",
    "gönderi",
    "publicación",
    "publicação",
    "пост",
)
_PICTURES = ("image", "photo", "picture", "avatar", "thumb", "media", "attach")
_TAG_PAGE = (
    r"(?i)https?://(?:[a-z-]+\.)?(?:facebook|instagram|twitter|x|tiktok|linkedin|weibo)\.com"
    r"/(?:hashtag|explore/tags|tag|feed/hashtag)/"
)
"""The page of a hashtag, to which platforms lead every hashtag of a text."""
_MAY_BE_TIME = r"^[^0-9۰-۹٠-٩]{0,30}[0-9۰-۹٠-٩]+[^0-9۰-۹٠-٩]+[0-9۰-۹٠-٩]"
"""Two numbers with something between them: cheap to see before a column is read as times."""
_NUMBER = r"^[+-]?[0-9.,]+$"
"""A number may be anything."""
_NUMBERS = r"^[\d٠-٩۰-۹.,:\s/+-]*$"
_PEOPLE = (*PARTS["account_id"][:10], "creator")
_PUBLISHERS = frozenset(
    plain(word) for word in (
        "source", "publication", "outlet", "media_outlet", "news_source", "news_outlet", "medium", "newspaper",
        "publication_name", "outlet_name", "provider", "journal", "منبع", "رسانه", "روزنامه", "خبرگزاری", "المصدر",
        "الصحيفة", "الوسيلة", "quelle", "zeitung", "fuente", "fonte", "kaynak", "источник", "сми", "来源", "媒体",
    )
)  # fmt: skip
"""What tables of articles call the paper."""
_TITLES = frozenset(plain(word) for word in ("title", "headline", "تیتر", "عنوان", "titel", "titre", "titulo", "título",
    "titolo", "başlık", "заголовок", "标题"))  # fmt: skip
_AGAIN = frozenset({"uid", "uids", "actor", "pubkey", "public_key"})
"""What programs call an account; where it is another in each row it is the row."""
_CLIENT = r"(?i)^<a |\bfor (?:iphone|ipad|android|mac|windows)\b|\bweb (?:app|client)\b"
"""The program that a post was written with, which is called its source as well."""
MAX_COMPARED = 8
"""Columns that each other column is compared with, so that a table of thousands of columns takes no longer."""
LONGEST_NAME = 48
"""Mean length of names of accounts at most, characters: longer ones are titles and texts."""
MIN_LETTERS = 12
"""Mean length of what people write, characters."""
_LINKS = r"(?i)^(?:https?://\S+(?:[\s,;|]+https?://\S+)*|(?:[\[{]|c\().*https?://.*|(?:[a-z0-9-]+\.)+[a-z]{2,24}/\S+)$"
"""A cell with addresses and nothing else, or a list or object with one."""
_PICTURE = r"(?i)\.(?:jpe?g|png|gif|webp|avif|svg|ico|mp4|webm|m3u8)(?:[?#:]\S*)?$"
_NOT_SHARED = (
    "icon", "logo", "banner", "emoji", "sticker", "next", "endpoint", "api_", "source_url", "feed", "query", "input",
    "search", "web_page", "page_url", "thumb", "avatar",
)  # fmt: skip
"""Parts of names of columns whose addresses nobody shared."""
_SHORT = r"(?i)^https?://(?:t\.co|bit\.ly|ow\.ly|buff\.ly|tinyurl\.com|goo\.gl|dlvr\.it|ift\.tt|lnkd\.in|is\.gd)/"
_FULL = r"(?i)^[\[({'\"\s]*https?://"
_PORTRAIT = r"(?i)//yt\d\.(?:ggpht|googleusercontent)\.com/|/profile_(?:images?|pic)|/avatars?/|/userpic|/t51\.2885-19/"
"""An address of the picture of an account."""
_MARK = r"(?i)^(?:true|false|yes|no|да|нет|بله|خیر|نعم|لا|[0-9]{1,3})$"
"""Whether there is a picture, or how many."""
_PROFILE = (
    r"(?i)^(?:https?://)?(?:[a-z-]+\.)?(?:(?:twitter|x|facebook|instagram|tiktok|weibo|vk|ok|gab)\.(?:com|ru)"
    r"/(?:@|u/|profile/|profile\.php\?id=)?[\w.-]+/?|threads\.(?:net|com)/@[\w.-]+/?|t\.me/[a-z]\w+/?"
    r"|youtube\.com/(?:@|channel/|c/|user/)[^/\s]+/?|bsky\.app/profile/[^/\s]+/?)(?:\?\S*)?$"
)
"""An address of an account."""
_PEOPLE_ELSEWHERE = (
    "автор", "пользоват", "профил", "yazar", "kullanıcı", "auteur", "utilisateur", "profil", "autor", "usuario",
    "usuário", "perfil", "cuenta", "benutzer", "verfasser", "نویسنده", "کاربر", "الكاتب", "مستخدم", "حساب", "ناشر",
    "用户", "作者", "主页", "ユーザー", "投稿者", "작성자", "사용자",
)  # fmt: skip
"""The account in the names of columns, in other languages than those of PARTS."""
_ELSEWHERE = tuple(plain(word) for word in _PEOPLE_ELSEWHERE)
_HANDLE = r"^@[\w.\-]{2,}(?:@[\w.\-]+)?$"
_ONE_WORD = r"^@?[\w.:@\-]{2,64}$"


def spelled(name: str) -> str:
    """Return a name with its words apart: ``SenderUserId`` is ``sender_user_id``.

    Examples
    --------
    >>> spelled("SenderUserId"), spelled("_source.author.handle")
    ('sender_user_id', 'source.author.handle')
    """
    return plain(_CAMEL.sub("_", name))


def endings(name: str) -> list[str]:
    """Return what a name of a nested field ends in, longest first, without the whole."""
    steps = spelled(name).split(".")
    return [".".join(steps[i:]) for i in range(1, len(steps))]


def by_ending(target: str, names: Iterable[str]) -> list[str]:
    """Columns whose words apart, or whose last words inside nested fields, are a name of the field."""
    words = {plain(word): place for place, word in enumerate(SYNONYMS[target])}
    found = []
    for place, name in enumerate(names):
        ranks = [words[end] for end in (spelled(name), *endings(name)) if end in words]
        if ranks:
            found.append((min(ranks), place, name))
    return [name for _, _, name in sorted(found)]


def accounts(names: Sequence[str], evidence: FirstRows) -> list[str]:
    """Columns that may name the account: ids first."""
    likely = [
        name
        for name in names
        if any(part in spelled(name) for part in PARTS["account_id"])
        and not any(part in spelled(name) for part in _NOT_AN_ACCOUNT)
        and not evidence.is_empty(name)
        and not evidence.is_damaged(name)
        and not evidence.is_mostly(name, ADDRESS)
        and not (evidence.is_known and _length(name, evidence) > LONGEST_NAME)
    ]
    return sorted(likely, key=lambda name: (not any(part in spelled(name) for part in _PEOPLE), not is_id(name)))


def publishers(names: Sequence[str], evidence: FirstRows) -> list[str]:
    """Columns that name who published, where none names who wrote: of articles the paper, and ids met again."""
    return [
        name
        for name in names
        if ((_is_of_articles(names) and _last_step(name) in _PUBLISHERS) or plain(name) in _AGAIN)
        and 1 < evidence.filled(name).n_unique() < len(evidence.filled(name))
        and not evidence.is_mostly(name, _CLIENT)
        and not evidence.is_mostly(name, ADDRESS)
        and not _are_platforms(evidence.filled(name))
    ]


def _last_step(name: str) -> str:
    """What a column is called; of a nested ``source.name`` the source."""
    steps = spelled(name).split(".")
    return steps[-2] if len(steps) > 1 and steps[-1] in ("name", "title") else steps[-1]


def _is_of_articles(names: Sequence[str]) -> bool:
    return any(spelled(name).split(".")[-1] in _TITLES for name in names)


def _are_platforms(cells: pl.Series) -> bool:
    known = cells.to_frame("v").select(plain_platform(pl.col("v")).is_in([*NAMES.values()]).mean()).item()
    return float(known or 0.0) > 0.5


def people(names: Sequence[str], evidence: FirstRows) -> list[str]:
    """Columns that may name people rather than where they wrote: ids first."""
    return [name for name in accounts(names, evidence) if any(part in spelled(name) for part in _PEOPLE)]


def texts(names: Sequence[str], evidence: FirstRows) -> list[str]:
    """Columns that may hold the text: named so, else the one with the longest words of people."""
    told = [name for name in names if _is_written(name, evidence)]
    named = [name for name in told if any(part in spelled(name) for part in _TEXTS)]
    long = [name for name in told if _length(name, evidence) >= MIN_LETTERS]
    return named or sorted(long, key=lambda name: -_length(name, evidence))[:1]


def ids(names: Sequence[str], evidence: FirstRows) -> list[str]:
    """Columns that may hold the id of the post: called an id, and another one in each row."""
    return [
        name
        for name in names
        if is_id(name)
        and not any(
            part in spelled(name)
            for part in (*PARTS["account_id"], *_ELSEWHERE, "parent", "object", "query", "collection")
        )
        and len(evidence.filled(name)) == evidence.sample.height > 0
        and evidence.filled(name).n_unique() == evidence.sample.height
    ]


def own_addresses(names: Sequence[str], ids_of_rows: Sequence[str], evidence: FirstRows) -> list[str]:
    """Columns with the address of the post itself, whatever they are called."""
    return [
        name
        for name in names
        if evidence.is_known
        and not any(part in spelled(name) for part in _PICTURES)
        and (evidence.leads_to_posts(name) or _is_called_after_posts(name) or evidence.holds_ids(name, ids_of_rows))
        and evidence.is_permalink(name, ids_of_rows)
    ]


def _is_called_after_posts(name: str) -> bool:
    return any(part in spelled(name) for part in _POSTS) and not any(
        part in spelled(name) for part in PARTS["account_id"]
    )


def shared_addresses(names: Sequence[str], account: str, evidence: FirstRows) -> list[str]:
    """Columns with addresses that posts share, whatever they are called: not pictures, not those of an account."""
    not_these = (
        *PARTS["account_id"],
        *_ELSEWHERE,
        *_PICTURES[:-1],
        *_NOT_SHARED,
    )  # attachments may be links: what is in them says
    return [
        name
        for name in names
        if evidence.is_known
        and not any(part in spelled(name) for part in not_these)
        and evidence.share(name, _LINKS) > 0.5
        and evidence.share(name, _PICTURE) < 0.5
        and not evidence.is_of_account(name, account)
        and not leads_to_accounts(name, evidence)
        and evidence.share(name, _TAG_PAGE) <= 0.5
        and not (any(part in spelled(name) for part in _POSTS) and evidence.leads_to_posts(name))  # what was answered
    ]


def repeats(name: str, own: Sequence[str], evidence: FirstRows) -> bool:
    """Whether a column holds the address of the post itself once more, or another one on its site in each row."""
    return any(
        evidence.are_equal(name, address)
        or (evidence.is_permalink(name, ()) and evidence.are_equal(name, address, part=HOST))
        for address in own[:MAX_COMPARED]
    )


def leads_to_accounts(name: str, evidence: FirstRows) -> bool:
    """Whether nearly all addresses of a column are of accounts on platforms that are known."""
    return evidence.is_mostly(name, _PROFILE)


def are_pictures(name: str, account: str, evidence: FirstRows) -> bool:
    """Whether a column called so may hold pictures of posts: not those of accounts, not whether there is one."""
    return not (
        evidence.is_of_account(name, account)
        or evidence.is_mostly(name, _MARK)
        or evidence.share(name, _PORTRAIT) > 0.5
    )


def fullest_first(names: Sequence[str], evidence: FirstRows) -> list[str]:
    """Columns of links in the same order, those with short or cut addresses behind those with whole ones."""

    def rank(name: str) -> int:
        if evidence.is_empty(name):
            return 0
        return 2 if evidence.is_mostly(name, _SHORT) else 1 if evidence.share(name, _FULL) < 0.5 else 0

    return sorted(names, key=rank)


def is_not_shared(name: str) -> bool:
    """Whether the name of a column says that nobody shared its addresses."""
    return any(part in spelled(name) for part in _NOT_SHARED)


def only_time(names: Sequence[str], evidence: FirstRows) -> list[str]:
    """The column of times, or those of the day and of the time of day, where the table has no others."""
    written = [
        name for name in names if evidence.is_mostly(name, _MAY_BE_TIME) and not evidence.is_mostly(name, _NUMBER)
    ]
    whole = [name for name in written if evidence.is_time(name) and not evidence.is_date(name)]
    days = [name for name in written if evidence.is_date(name)]
    clocks = [name for name in written if evidence.is_clock(name)]
    if len(whole) == 1:
        return whole
    if whole or len(days) != 1:
        return []
    return [*days, *clocks] if len(clocks) < 2 else days


def handles(names: Sequence[str], evidence: FirstRows) -> list[str]:
    """The column in which every row has one name with an at sign before it, where there is only one such column."""
    found = [
        name
        for name in names
        if evidence.is_mostly(name, _HANDLE) and len(evidence.filled(name)) == evidence.sample.height
    ]
    return found if len(found) == 1 else []


def most_like_accounts(names: Sequence[str], evidence: FirstRows) -> list[str]:
    """Columns of single words that are met again and again, the one with the most first: for a hint, not to be used."""
    found = []
    for name in names:
        cells = evidence.filled(name)
        if not 2 < cells.n_unique() < len(cells) or not evidence.is_mostly(name, _ONE_WORD):
            continue
        if not evidence.is_time(name):
            found.append((-cells.n_unique(), name))
    return [name for _, name in sorted(found)]


def is_id(name: str) -> bool:
    """Whether a column is called an id."""
    words = re.split(r"[_.\s]+", spelled(name))
    if not words[-1].isascii() and words[-1].endswith("id"):  # 微博id
        return True
    return words[-1] in _IDS or words[0] in _IDS[1 + len(_SHORT_IDS) :]


def _is_written(name: str, evidence: FirstRows) -> bool:
    if evidence.is_empty(name) or evidence.share(name, ADDRESS) > 0.5 or evidence.share(name, _NUMBERS) > 0.5:
        return False
    return evidence.share(name, r"\S\s+\S") > 0.5


def _length(name: str, evidence: FirstRows) -> float:
    return float(evidence.filled(name).to_frame().select(pl.col(name).str.len_chars().mean()).item() or 0.0)
