"""Which column is which, by name: many words in several languages; an explicit mapping overrides."""

from __future__ import annotations

import difflib
import re
import shlex
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from dideban.errors import ConfigError
from dideban.ingest.field_source import FieldSource, one
from dideban.ingest.format import TARGETS
from dideban.messages.message import Message

SYNONYMS: dict[str, tuple[str, ...]] = {
    "post_id": (
        "post_id", "postid", "tweet_id", "tweetid",
        "status_id", "message_id", "messageid", "msg_id", "content_id",
        "id_str", "item_id", "comment_id", "video_id", "article_id",
        "stories_id", "uri", "guid", "id", "pk", "شناسه_پست",
        "شناسه_پیام", "شناسه", "معرف_المنشور", "رقم_المنشور", "المعرف", "identifiant", "id_de_la_publicación",
        "id_publicación", "id_da_publicação", "identificador", "gönderi_id", "beitrags_id", "id_поста",
        "идентификатор", "ідентифікатор",
        "מזהה_פוסט", "מזהה", "شناخت", "ناسنامە", "投稿id", "게시물id", "आईडी",
    ),
    "account_id": (
        "account_id", "accountid", "author_id", "authorid", "user_id",
        "userid", "from_id", "sender_id", "user.id", "author.id",
        "account.id", "user.id_str", "channel_id", "page_id", "did", "account", "author", "user", "username",
        "user.username", "user.screen_name", "author.username", "account.acct", "acct",
        "user_screen_name", "screen_name", "screenname", "user_name", "handle", "sender", "from", "channel",
        "channel_name", "page", "page_name", "account_name", "author_name", "from_user_id", "from_user_name",
        "from_user", "author_handle", "poster", "creator", "publisher", "outlet", "media_name", "domain",
        "source_name", "site", "حساب", "کاربر", "نام_کاربری", "نام_کاربر", "فرستنده", "نویسنده",
        "کانال", "الحساب", "المستخدم", "اسم_المستخدم", "المرسل",
        "الكاتب", "القناة", "auteur", "utilisateur", "autor", "usuario", "kullanici", "kullanıcı", "автор",
        "пользователь", "канал", "benutzer", "konto",
        "nom_d_utilisateur", "nom_utilisateur", "compte", "expéditeur",
        "nombre_de_usuario", "cuenta", "nome_de_usuário", "usuário",
        "usuario_id", "conta", "utente", "nome_utente",
        "mittente", "benutzername", "nutzer", "verfasser", "absender", "kullanıcı_adı", "hesap", "gönderen",
        "имя_пользователя", "аккаунт", "отправитель",
        "користувач", "автор_поста", "gebruiker", "gebruikersnaam",
        "użytkownik", "pengguna", "nama_pengguna", "akun", "用户id", "用户名", "用户", "作者", "账号", "昵称",
        "用户昵称", "博主", "发布者",
        "משתמש", "שם_משתמש", "מחבר", "שולח", "ערוץ", "صارف", "صارف_نام", "مصنف", "بەکارهێنەر",
        "ناوی_بەکارهێنەر", "نووسەر", "کارن", "ユーザー名", "ユーザー",
        "アカウント", "投稿者", "사용자", "사용자명", "작성자", "계정",
        "उपयोगकर्ता", "लेखक", "ব্যবহারকারী", "người_dùng", "tác_giả", "χρήστης", "συντάκτης", "utilizator", "yazar",
        "الناشر", "اسم_الناشر", "معرف_الناشر", "användare", "bruger", "bruker", "uživatel", "felhasználó", "ผู้ใช้",
        "vertex_1",
    ),
    "created_at": (
        "created_at", "createdat", "created_utc", "created", "timestamp_share", "timestamp", "timestamp_unix",
        "unix_timestamp", "timestamp_utc", "date_utc", "datetime", "date_time", "time", "date", "post_time",
        "post_date", "posted_at", "published_at", "published",
        "publish_date", "publishedat", "pubdate", "pub_date",
        "tweet_time", "creation_time", "created_time", "create_time", "create_at",
        "cdate", "origin_server_ts", "createtime", "taken_at", "post_created",
        "message_date", "ts", "epoch", "unix_time", "زمان", "تاریخ", "زمان_انتشار", "تاریخ_انتشار", "ساعت",
        "الوقت", "التاريخ", "تاريخ", "تاريخ_النشر", "وقت_النشر", "datum", "fecha", "heure", "tarih", "дата",
        "время", "data", "horodatage", "date_de_publication", "publié_le", "date_heure", "fecha_de_publicación",
        "fecha_y_hora", "hora",
        "data_de_publicação", "data_e_hora", "data_ora", "data_di_pubblicazione", "datum_uhrzeit", "zeit",
        "zeitpunkt", "zeitstempel", "erstellt_am", "veröffentlicht_am", "yayın_tarihi", "tarih_saat", "zaman",
        "дата_публикации", "дата_и_время", "час", "дата_публікації",
        "tijd", "data_publikacji", "czas", "tanggal",
        "waktu", "发布时间", "评论时间", "创建时间", "时间", "日期",
        "تاريخ_ووقت_النشر", "yayınlanma_tarihi", "gönderim_tarihi",
        "תאריך", "זמן", "תאריך_פרסום", "وقت", "بەروار", "کات",
        "نېټه", "投稿日時", "日時", "日付", "작성일", "작성일시", "날짜",
        "게시일", "दिनांक", "तारीख", "समय", "তারিখ",
        "ngày", "thời_gian", "ngày_đăng", "ημερομηνία", "ώρα", "dato",
        "tidpunkt", "čas", "dátum", "วันที่",
    ),
    "platform": (
        "platform", "source_platform", "network", "social_network",
        "service", "سکو", "پلتفرم", "شبکه", "المنصة",
        "الشبكة", "plateforme", "réseau", "plataforma", "red_social", "rede_social", "piattaforma", "plattform",
        "netzwerk", "ağ", "платформа", "соцсеть", "сеть", "平台",
    ),
    "text": (
        "text", "full_text", "tweet_text", "message", "msg",
        "body", "content", "post_text", "caption", "description",
        "tweet", "selftext", "raw_content", "rawcontent", "renderedcontent", "video_description", "desc",
        "comment_text", "comment", "text_display",
        "text_original", "tweet_content", "post_snippet", "hit_sentence",
        "opening_text", "snippet", "title", "headline", "post_content", "message_text", "متن", "پیام",
        "متن_پیام", "محتوا", "عنوان", "نص", "النص", "الرسالة", "المحتوى", "texte", "texto", "metin", "текст",
        "contenu", "contenido", "conteúdo", "mensaje",
        "mensagem", "publicación", "publicação", "testo", "contenuto",
        "messaggio", "nachricht", "beitrag", "inhalt", "mesaj", "içerik", "gönderi", "сообщение", "содержание",
        "пост", "повідомлення", "допис", "tekst", "bericht",
        "treść", "wiadomość", "teks", "pesan", "内容", "正文", "评论内容",
        "文本",
        "نص_المنشور", "نص_التغريدة", "טקסט", "תוכן", "הודעה", "پیغام", "دەق", "ناوەڕۆک",
        "本文", "テキスト", "投稿内容", "내용", "본문", "텍스트", "पाठ",
        "संदेश", "লেখা", "nội_dung", "tin_nhắn", "κείμενο", "μήνυμα", "conținut", "meddelande", "zpráva",
        "szöveg", "ข้อความ",
    ),
    "lang": (
        "lang", "language", "tweet_language", "post_language",
        "language_guess", "زبان", "اللغة", "langue", "idioma",
        "sprache", "dil", "язык", "мова", "lingua", "língua", "język", "taal", "bahasa", "语言",
    ),
    "urls": (
        "urls", "url_list", "expanded_urls", "expanded_url",
        "link_urls", "links", "link", "outlinks", "shared_url",
        "link_url", "external_url", "article_url", "url", "پیوند",
        "لینک", "نشانی", "رابط", "الرابط", "روابط", "lien",
        "enlace", "liens", "lien_partagé", "enlaces", "enlace_compartido", "link_compartilhado", "collegamento",
        "verlinkung", "bağlantı", "bağlantılar", "ссылка", "ссылки", "посилання", "odnośnik", "tautan", "链接",
    ),
    "hashtags": (
        "hashtags", "hashtag", "hashtag_names", "tags", "hash_tags",
        "هشتگ", "هشتگها", "هاشتاق", "وسوم", "الوسوم",
        "etiquetas", "mots_dièse", "хештеги", "хэштеги", "话题",
    ),
    "mentions": (
        "mentions", "user_mentions", "mentioned_users",
        "mentioned_user_ids", "mentioned_names", "mentioned_authors",
        "نام_برده", "إشارات", "الإشارات",
    ),
    "media": (
        "media", "media_hash", "image_hash", "phash",
        "image_id", "media_id", "media_ids", "images", "image_urls",
        "media_url", "media_urls", "image_url", "photo", "تصویر", "رسانه", "صورة", "الصور", "وسائط",
    ),
    "repost_of": (
        "repost_of", "repost_id", "retweet_id", "retweeted_id", "retweeted_status", "retweet_tweetid",
        "referenced_tweets.retweeted.id", "retweeted_status_id",
        "retweeted_status.id_str", "retweeted_tweet_id",
        "reblog.id", "shared_post_id", "forwarded_from_id", "forward_from", "بازنشر", "اعادة_نشر", "إعادة_نشر",
    ),
    "reply_to": (
        "reply_to", "reply_id", "in_reply_to", "in_reply_to_id", "in_reply_to_status_id", "in_reply_to_tweetid",
        "in_reply_to_status_id_str", "reply_to_message_id", "reply_to_id", "replied_to",
        "referenced_tweets.replied_to.id", "parent_id", "پاسخ_به", "رد_على",
    ),
    "quote_of": (
        "quote_of", "quoted_id", "quoted_status",
        "quoted_tweet_tweetid", "quoted_status_id", "quoted_status_id_str",
        "quoted_tweet_id", "نقل_قول", "اقتباس",
    ),
    "place": (
        "place", "location", "city", "region", "country",
        "geo", "place.full_name", "مکان", "شهر", "استان", "المكان",
        "المدينة",
    ),
    "reach": (
        "reach", "views", "view_count", "views_count",
        "impressions", "impression_count", "shares", "share_count",
        "shares_count", "retweet_count", "reposts", "repost_count", "reblogs_count", "forwards", "play_count",
        "playcount", "بازدید", "المشاهدات", "مشاهدات", "vues", "vistas", "visualizaciones", "visualizações",
        "aufrufe", "görüntülenme", "просмотры", "перегляди", "浏览量",
    ),
}  # fmt: skip
"""Column of POSTS to the names it is known by, best first."""


@lru_cache(maxsize=16_384)
def plain(name: str) -> str:
    """Return a column name without case, marks, and differences of spelling that carry no meaning."""
    text = unicodedata.normalize("NFKC", name).casefold().replace("ي", "ی").replace("ك", "ک")
    text = unicodedata.normalize("NFC", re.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFD", text)))
    text = re.sub(r"[\u064b-\u065f\u0670\u0640\u200b-\u200f\ufeff]", "", text)
    return re.sub(r"[\s\-/:'’]+", "_", text.strip()).strip("_#*\"'")


def is_local_time(name: str) -> bool:
    """Whether a column of times is named in another language than English."""
    return not plain(name).isascii() or plain(name) in _LOCAL_TIMES


_LOCAL_TIMES = frozenset(
    plain(name) for name in SYNONYMS["created_at"][SYNONYMS["created_at"].index("unix_time") + 1 :]
) - {"data"}
HOMES = (
    "chat_id", "chat", "peer_id", "channel_id", "channel", "group_id", "group", "owner_id", "wall_id", "wall",
    "thread_id",
    "dialog_id", "dialog", "page_id", "page", "room_id", "room", "server", "board", "subreddit", "channel_name",
    "group_name", "گروه", "کانال", "القناة", "المجموعة",
)  # fmt: skip
"""Names of columns inside which ids of posts may be unique: a chat, a wall, a thread."""
PARTS = {
    "account_id": (
        "author", "account", "user", "sender", "poster",
        "channel", "handle", "screen", "owner", "profile", "member",
        "nick", "creator", "page", "name", "who", "حساب", "کاربر", "فرستنده", "کانال", "مستخدم", "مرسل", "قناة",
    ),
    "created_at": (
        "time", "date", "stamp", "created", "posted", "publish", "when", "زمان", "تاریخ", "وقت", "ساعت",
        "hour", "heure", "hora", "uhr", "saat", "время", "fecha", "datum", "tarih", "дата", "日期", "时间",
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


def apply_map(
    mapping: Mapping[str, str], names: Sequence[str], guessed: Mapping[str, FieldSource]
) -> dict[str, FieldSource]:
    """Let what a person said override the guess.

    Raises
    ------
    ConfigError
        An unknown target, or a source column that the file does not have, with the nearest name.
    """
    check_targets(mapping)
    said = {target: source_of(target, source, names) for target, source in mapping.items()}
    taken = {name for source in said.values() if source is not None for name in source.needed}
    chosen = {
        target: source
        for target, source in guessed.items()
        if target not in said and (source.how != "one" or source.columns[0] not in taken)
    }
    chosen.update({target: source for target, source in said.items() if source is not None})
    return {target: chosen[target] for target in TARGETS if target in chosen}


def source_of(target: str, said: str, names: Sequence[str]) -> FieldSource | None:
    """Return the source that ``--map target=said`` names; None where it is empty, which switches the field off.

    ``A`` is a column, by name or place; ``A+B`` puts columns together; ``A|B`` takes the first that is not empty;
    ``=text`` is the same text for every row.

    Raises
    ------
    ConfigError
        A column that the file does not have, with the nearest name.
    """
    if not said:
        return None
    column = by_place(said, names)
    if column in names:
        return one(column)
    if said.startswith("="):
        return FieldSource((said[1:],), "constant")
    for sign, how in (("+", "moment" if target == "created_at" else "joined"), ("|", "first")):
        parts = [by_place(part.strip(), names) for part in said.split(sign)]
        if len(parts) > 1 and all(part in names for part in parts):
            return FieldSource(tuple(parts), how)
    wrong = next((part.strip() for part in re.split(r"[+|]", said) if by_place(part.strip(), names) not in names), said)
    raise ConfigError(
        "ingest.no-such-column", hint=nearest(wrong, names), key=target, value=said, target=target, said=said
    )


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
                "ingest.not-a-post-column",
                hint=nearest(target, targets),
                key=target,
                target=target,
                value=mapping[target],
            )


def suggest(
    targets: Sequence[str],
    names: Sequence[str],
    *,
    taken: Iterable[str] = (),
    likely: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Message:
    """Describe how missing columns are named, with the columns of the file that look most like them.

    Parameters
    ----------
    likely : field to columns
        What the cells make likely, where no name does.

    Examples
    --------
    >>> str(suggest(["account_id"], ["row", "posted_by_user", "when"]))
    'name it, e.g. --map account_id=posted_by_user'
    >>> str(suggest(["account_id"], ["foo", "bar"]))
    'name it: --map account_id=COLUMN, where COLUMN is one of the columns listed'
    """
    used = set(taken)
    free = [name for name in names if name not in used]
    best: dict[str, str] = {}
    for target in targets:
        looks = [name for name in free if _looks_like(target, name)] or likely.get(target, ())
        best[target] = next((name for name in looks if name not in best.values()), "")
    pronoun = "it" if len(targets) == 1 else "them"
    maps = " ".join(f"--map {target}={shlex.quote(name) if name else 'COLUMN'}" for target, name in best.items())
    return Message(f"ingest.hint-name-{pronoun}{'' if all(best.values()) else '-from-list'}", maps=maps)


def _looks_like(target: str, name: str) -> bool:
    return any(part in plain(name) for part in PARTS.get(target, ()))


def nearest(name: str, names: Sequence[str]) -> Message:
    """Describe which name was probably meant, or list some."""
    close = difflib.get_close_matches(name, list(names), n=1)
    if close:
        return Message("hint.did-you-mean", name=close[0])
    return Message("ingest.hint-there-are", names=list(names)[:20])
