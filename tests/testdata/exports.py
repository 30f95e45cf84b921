"""The same made-up posts, written in many formats: what a format carries is named with it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)
ALL = frozenset({"text", "urls", "hashtags", "repost_of", "reply_to"})
TEXT = frozenset({"text", "urls", "hashtags"})
"""What stands in the text of a post."""


@dataclass(frozen=True)
class Post:
    """A made-up post; a repost has the words of its original."""

    number: int
    author: int
    second: int
    words: str
    link: str = ""
    tag: str = ""
    repost_of: int | None = None
    reply_to: int | None = None
    quote_of: int | None = None
    lang: str = ""
    place: str = ""
    reach: int | None = None
    picture: str = ""
    mention: str = ""

    @property
    def text(self) -> str:
        """Words, link, tag and mention in one."""
        signs = (self.link, f"#{self.tag}" if self.tag else "", f"@{self.mention}" if self.mention else "")
        return " ".join(part for part in (self.words, *signs) if part)

    @property
    def at(self) -> datetime:
        """When it was posted."""
        return START + timedelta(seconds=self.second)

    @property
    def id(self) -> str:
        """A long number, as platforms give."""
        return str(1790000000000000000 + self.number * 7777)

    @property
    def user(self) -> str:
        """A long number too."""
        return str(900000000 + self.author)


@dataclass(frozen=True)
class Writer:
    """How posts are written in one format."""

    shape: str
    write: Callable[[list[Post]], bytes]
    carries: frozenset[str] = ALL
    platform: str = ""
    """Platform of the posts; empty = that of the shape."""
    unit_s: int = 1
    """Seconds that times are told to."""
    mapping: tuple[tuple[str, str], ...] = ()
    """What has to be said with ``--map``."""


def iso(post: Post) -> str:
    return post.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def plain(post: Post) -> str:
    return post.at.strftime("%Y-%m-%d %H:%M:%S")


def legacy(post: Post) -> str:
    return post.at.strftime("%a %b %d %H:%M:%S +0000 %Y")


def unix(post: Post) -> int:
    return int(post.at.timestamp())


def other(number: int | None) -> str:
    return "" if number is None else str(1790000000000000000 + number * 7777)


def table(rows: Iterable[dict[str, Any]], *, delimiter: str = ",") -> bytes:
    rows = list(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def lines(records: Iterable[Any]) -> bytes:
    return "\n".join(json.dumps(record, ensure_ascii=False) for record in records).encode()


def document(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def tags(post: Post) -> list[str]:
    return [post.tag] if post.tag else []


def links(post: Post) -> list[str]:
    return [post.link] if post.link else []


def _entities(post: Post, tag: str = "text") -> dict[str, Any]:
    return {
        "urls": [{"expanded_url": url, "url": "https://t.co/x"} for url in links(post)],
        "hashtags": [{tag: name} for name in tags(post)],
        "user_mentions": [],
    }


def x_v2(posts: list[Post]) -> bytes:
    def tweet(post: Post) -> dict[str, Any]:
        refs = [("retweeted", post.repost_of), ("replied_to", post.reply_to)]
        return {
            "id": post.id, "author_id": post.user, "created_at": iso(post), "text": post.text, "public_metrics": {},
            "entities": _entities(post, "tag"),
            "referenced_tweets": [{"type": kind, "id": other(n)} for kind, n in refs if n is not None],
        }  # fmt: skip

    return document({"data": [tweet(post) for post in posts], "meta": {}})


def _v1(post: Post) -> dict[str, Any]:
    tweet = {
        "id_str": post.id, "created_at": legacy(post), "full_text": post.text, "entities": _entities(post),
        "in_reply_to_status_id_str": other(post.reply_to) or None,
    }  # fmt: skip
    if post.repost_of is not None:
        tweet["retweeted_status"] = {"id_str": other(post.repost_of), "full_text": post.text}
    return tweet


def x_v1(posts: list[Post]) -> bytes:
    return lines({**_v1(post), "user": {"id_str": post.user, "screen_name": f"u{post.author}"}} for post in posts)


def _web(post: Post, part: str = "legacy") -> dict[str, Any]:
    body = _v1(post)
    origin = body.pop("retweeted_status", None)
    if origin:
        inner = {"created_at": legacy(post), "full_text": post.text}
        body["retweeted_status_result"] = {"result": {"rest_id": other(post.repost_of), part: inner}}
    person = {"rest_id": post.user, "core": {"screen_name": f"u{post.author}"}}
    return {"__typename": "Tweet", "rest_id": post.id, "core": {"user_results": {"result": person}}, part: body}


def zeeschuimer(posts: list[Post], site: str, data: Callable[[Post], dict[str, Any]]) -> bytes:
    return lines({"item_id": post.id, "source_platform": site, "data": data(post)} for post in posts)


def x_archive(posts: list[Post]) -> bytes:
    return b"window.YTD.tweets.part0 = " + document([{"tweet": _v1(post)} for post in posts])


def snscrape(posts: list[Post]) -> bytes:
    return lines(
        {
            "id": int(post.id), "date": post.at.isoformat(), "user": {"id": int(post.user), "username": f"u{post.author}"},
            "rawContent": post.text, "conversationId": 1, "links": [{"url": url} for url in links(post)],
            "hashtags": tags(post) or None, "inReplyToTweetId": int(other(post.reply_to)) if post.reply_to is not None else None,
            "retweetedTweet": None if post.repost_of is None else {"id": int(other(post.repost_of)), "rawContent": post.text},
        }
        for post in posts
    )  # fmt: skip


def apify_x(posts: list[Post]) -> bytes:
    return document([
        {
            "id": post.id, "url": f"https://x.com/u/status/{post.id}", "twitterUrl": "", "text": post.text, "createdAt": legacy(post),
            "author": {"id": post.user, "userName": f"u{post.author}"}, "entities": _entities(post), "isRetweet": post.repost_of is not None,
            "inReplyToId": other(post.reply_to) or None,
            **({"retweet": {"id": other(post.repost_of), "text": post.text}} if post.repost_of is not None else {}),
        }
        for post in posts
    ])  # fmt: skip


def telegram_desktop(posts: list[Post]) -> bytes:
    def message(post: Post) -> dict[str, Any]:
        parts: list[Any] = [post.words]
        parts += [" ", {"type": "link", "text": post.link}] if post.link else []
        parts += [" ", {"type": "hashtag", "text": f"#{post.tag}"}] if post.tag else []
        parts += [" ", {"type": "mention", "text": f"@{post.mention}"}] if post.mention else []
        forward = {"forwarded_from": "News", "forwarded_from_id": "channel7", "forwarded_date": f"d{post.repost_of}"}
        return {
            "id": post.number, "type": "message", "date": plain(post).replace(" ", "T"), "date_unixtime": str(unix(post)),
            "from": f"U {post.author}", "from_id": f"user{post.author}", "text": parts,
            **(forward if post.repost_of is not None else {}),
            **({"reply_to_message_id": post.reply_to} if post.reply_to is not None else {}),
        }  # fmt: skip

    return document(
        {"name": "Town", "type": "public_supergroup", "id": 7, "messages": [message(post) for post in posts]}
    )


def telethon(posts: list[Post]) -> bytes:
    return lines(
        {
            "_": "Message", "id": post.number, "peer_id": {"_": "PeerChannel", "channel_id": 7}, "date": post.at.isoformat(),
            "message": post.text, "from_id": {"_": "PeerUser", "user_id": post.author},
            "fwd_from": None if post.repost_of is None else {"from_id": {"channel_id": 7}, "channel_post": post.repost_of},
            "reply_to": None if post.reply_to is None else {"reply_to_msg_id": post.reply_to},
        }
        for post in posts
    )  # fmt: skip


def pyrogram(posts: list[Post]) -> bytes:
    return lines(
        {
            "_": "Message", "id": post.number, "chat": {"id": -1007, "type": "channel"}, "date": plain(post), "text": post.text,
            "from_user": {"id": post.author}, "reply_to_message_id": post.reply_to,
            **({"forward_from_chat": {"id": -1007}, "forward_from_message_id": post.repost_of} if post.repost_of is not None else {}),
        }
        for post in posts
    )  # fmt: skip


def _uri(number: int | None, kind: str = "post") -> str:
    return f"at://did:plc:p/app.bsky.feed.{kind}/k{number}"


def _bluesky(post: Post, created: str = "createdAt") -> dict[str, Any]:
    features = [{"uri": url} for url in links(post)] + [{"tag": tag} for tag in tags(post)]
    return {
        created: iso(post), "text": post.text, "facets": [{"features": [one]} for one in features],
        **({"reply": {"parent": {"uri": _uri(post.reply_to)}}} if post.reply_to is not None else {}),
    }  # fmt: skip


def jetstream(posts: list[Post]) -> bytes:
    def event(post: Post) -> dict[str, Any]:
        repost = post.repost_of is not None
        record = {"subject": {"uri": _uri(post.repost_of)}, "createdAt": iso(post)} if repost else _bluesky(post)
        collection = f"app.bsky.feed.{'repost' if repost else 'post'}"
        commit = {"operation": "create", "collection": collection, "rkey": f"k{post.number}", "record": record}
        return {"did": f"did:plc:u{post.author}", "time_us": unix(post) * 1_000_000, "kind": "commit", "commit": commit}

    return lines(event(post) for post in posts)


def bluesky_sdk(posts: list[Post]) -> bytes:
    return lines(
        {
            "uri": _uri(post.number), "cid": "c", "author": {"did": f"did:plc:u{post.author}", "handle": "h"},
            "record": _bluesky(post, "created_at"), "indexed_at": (post.at + timedelta(seconds=1)).isoformat(),
        }
        for post in posts
    )  # fmt: skip


def bluesky_repository(posts: list[Post]) -> bytes:
    return document({"records": [
        {"uri": f"at://did:plc:u{post.author}/app.bsky.feed.post/k{post.number}", "cid": "c", "value": _bluesky(post)} for post in posts
    ]})  # fmt: skip


def mastodon(posts: list[Post]) -> bytes:
    def status(post: Post, *, whole: bool = True) -> dict[str, Any]:
        shown = f"<p>{post.words}{f' <a href={post.link!r}>{post.link}</a>' if post.link else ''}"
        shown += f' <a class="hashtag" href="x">#{post.tag}</a>' if post.tag else ""
        shown += f' <a class="mention" href="x">@{post.mention}</a></p>' if post.mention else "</p>"
        one = {
            "id": post.id, "uri": f"https://m.example/{post.number}", "created_at": iso(post), "content": shown, "visibility": "public",
            "account": {"acct": f"u{post.author}"}, "language": post.lang or None, "tags": [{"name": tag} for tag in tags(post)], "reblog": None,
            "in_reply_to_id": None if post.reply_to is None else f"https://m.example/{post.reply_to}",
        }  # fmt: skip
        if whole and post.repost_of is not None:
            one["reblog"] = {**status(post, whole=False), "uri": f"https://m.example/{post.repost_of}"}
        return one

    return lines(status(post) for post in posts)


def lemmy(posts: list[Post]) -> bytes:
    return document({"posts": [
        {
            "post": {"id": post.number, "ap_id": f"https://l.example/{post.number}", "name": post.text, "published": iso(post), "creator_id": 1},
            "creator": {"actor_id": f"https://l.example/u/{post.author}"}, "community": {"id": 1},
        }
        for post in posts
    ]})  # fmt: skip


def reddit(posts: list[Post]) -> bytes:
    return lines(
        {"id": f"p{post.number}", "author": f"u{post.author}", "created_utc": unix(post), "subreddit": "s", "title": post.text, "is_self": True,
         **({"crosspost_parent": f"t3_p{post.repost_of}"} if post.repost_of is not None else {})}
        for post in posts
    )  # fmt: skip


def youtube(posts: list[Post]) -> bytes:
    return document({"items": [
        {
            "kind": "youtube#commentThread",
            "snippet": {"videoId": "v1", "topLevelComment": {"id": f"c{post.number}", "snippet": {
                "textOriginal": post.text, "publishedAt": iso(post), "authorChannelId": {"value": f"UC{post.author}"}}}},
        }
        for post in posts
    ]})  # fmt: skip


def vk(posts: list[Post]) -> bytes:
    return document({"response": {"items": [
        {
            "id": post.number, "owner_id": -7, "from_id": post.author + 1, "date": unix(post), "text": post.text,
            **({"copy_history": [{"id": post.repost_of, "owner_id": -7}]} if post.repost_of is not None else {}),
        }
        for post in posts
    ]}})  # fmt: skip


def odnoklassniki(posts: list[Post]) -> bytes:
    return document({"data": [
        {"id": post.id, "created_ms": unix(post) * 1000, "author_ref": f"user:{post.user}", "media": [{"type": "text", "text": post.text}]}
        for post in posts
    ]})  # fmt: skip


def weibo(posts: list[Post]) -> bytes:
    return lines(
        {
            "created_at": legacy(post), "idstr": post.id, "mid": post.id, "user": {"id": int(post.user), "screen_name": "n"}, "text_raw": post.text,
            **({"retweeted_status": {"idstr": other(post.repost_of), "text_raw": post.text}} if post.repost_of is not None else {}),
        }
        for post in posts
    )  # fmt: skip


def tiktok_research(posts: list[Post]) -> bytes:
    return document({"data": {"videos": [
        {"id": int(post.id), "video_description": post.text, "create_time": unix(post), "username": f"u{post.author}", "hashtag_names": tags(post)}
        for post in posts
    ]}, "error": {"code": "ok"}})  # fmt: skip


def whatsapp(posts: list[Post]) -> bytes:
    rows = ["5/1/26, 11:59 AM - Messages are encrypted."]
    rows += [f"[{post.at:%d/%m/%Y, %H:%M:%S}] Person {post.author}: {post.text}" for post in posts]
    return "\n".join(rows).encode()


def brandwatch(posts: list[Post]) -> bytes:
    head = "Report:,Export\nFrom:,Fri May 01 2026\n\n"
    return head.encode() + table(
        {"Query Id": 1, "Date": f"{plain(post)}.0", "Url": f"https://twitter.com/u/statuses/{post.id}", "Author": f"u{post.author}",
         "Full Text": post.text, "Hashtags": " ".join(f"#{t}" for t in tags(post)), "Expanded URLs": " ".join(links(post))} for post in posts
    )  # fmt: skip


def meltwater(posts: list[Post]) -> bytes:
    return table(
        ({"Date": f"{post.at:%d-%b-%Y}", "Time": f"{post.at:%I:%M:%S %p}", "Document ID": post.id, "URL": f"https://x.com/u/status/{post.id}",
          "Author Handle": f"u{post.author}", "Title": "", "Opening Text": post.words, "Hit Sentence": post.text,
          "Hashtags": " ".join(tags(post)), "Links": " ".join(links(post))} for post in posts),
        delimiter="\t",
    ).decode().encode("utf-16")  # fmt: skip


def fourcat(posts: list[Post]) -> bytes:
    return table(
        {"id": post.id, "thread_id": post.id, "body": post.text, "author": f"u{post.author}", "author_id": post.user, "timestamp": plain(post),
         "unix_timestamp": unix(post), "possibly_sensitive": "no", "is_retweet": "yes" if post.repost_of is not None else "no", "retweeted_user": "",
         "retweet_id": other(post.repost_of), "reply_to": other(post.reply_to), "hashtags": ",".join(tags(post)), "urls": ",".join(links(post))}
        for post in posts
    )  # fmt: skip


def _columns(**columns: Callable[[Post], Any]) -> Callable[[list[Post]], bytes]:
    named = {name.replace("__", ".").replace("_0", " "): value for name, value in columns.items()}
    return lambda posts: table({name: value(post) for name, value in named.items()} for post in posts)


def _listed(values: list[str]) -> str:
    return json.dumps(values)


TABLES: dict[str, Writer] = {
    "twarc-csv": Writer("twarc-csv", _columns(
        id=lambda p: p.id, author_id=lambda p: p.user, created_at=iso, text=lambda p: p.text,
        referenced_tweets__retweeted__id=lambda p: other(p.repost_of), referenced_tweets__replied_to__id=lambda p: other(p.reply_to),
        entities__urls=lambda p: _listed(links(p)), entities__hashtags=lambda p: _listed([f"#{t}" for t in tags(p)]))),
    "twint": Writer("twint", _columns(
        id=lambda p: p.id, conversation_id=lambda p: p.id, date=lambda p: plain(p)[:10], time=lambda p: plain(p)[11:],
        timezone=lambda p: "0000", user_id=lambda p: p.user, username=lambda p: f"u{p.author}", tweet=lambda p: p.text,
        urls=lambda p: str(links(p)), hashtags=lambda p: str(tags(p)), retweet_id=lambda p: other(p.repost_of)), ALL - {"reply_to"}),
    "twitter-web-exporter": Writer("twitter-web-exporter", _columns(
        id=lambda p: f'="{p.id}"', created_at=lambda p: p.at.strftime("%Y-%m-%d %H:%M:%S +00:00"), full_text=lambda p: p.text,
        screen_name=lambda p: f"u{p.author}", user_id=lambda p: f'="{p.user}"', in_reply_to=lambda p: other(p.reply_to),
        retweeted_status=lambda p: other(p.repost_of), quoted_status=lambda p: "", url=lambda p: f"https://x.com/u/status/{p.id}")),
    "gazouilloire": Writer("gazouilloire", _columns(
        id=lambda p: p.id, timestamp_utc=unix, user_screen_name=lambda p: f"u{p.author}", user_id=lambda p: p.user, text=lambda p: p.text,
        retweeted_id=lambda p: other(p.repost_of), to_tweetid=lambda p: other(p.reply_to), links=lambda p: "|".join(links(p)),
        hashtags=lambda p: "|".join(tags(p)))),
    "dmi-tcat": Writer("dmi-tcat", _columns(
        id=lambda p: p.id, time=unix, created_at=plain, from_user_name=lambda p: f"u{p.author}", from_user_id=lambda p: p.user,
        text=lambda p: p.text, in_reply_to_status_id=lambda p: other(p.reply_to), retweet_id=lambda p: other(p.repost_of))),
    "communalytic": Writer("communalytic", _columns(
        id=lambda p: p.id, author_id=lambda p: p.user, text=lambda p: p.text, created_at=iso,
        referenced_tweet_type=lambda p: "retweeted" if p.repost_of is not None else "replied_to" if p.reply_to is not None else "",
        referenced_tweet_id=lambda p: other(p.repost_of) or other(p.reply_to), urls=lambda p: " ".join(links(p)), hashtags=lambda p: " ".join(tags(p)))),
    "brightdata": Writer("brightdata", _columns(
        id=lambda p: p.id, user_posted=lambda p: f"u{p.author}", date_posted=iso, description=lambda p: p.text,
        url=lambda p: f"https://x.com/u/status/{p.id}"), TEXT),
    "x-io": Writer("x-io", _columns(
        tweetid=lambda p: p.id, userid=lambda p: p.user, tweet_text=lambda p: p.text, tweet_time=lambda p: plain(p)[:16] + plain(p)[16:],
        retweet_tweetid=lambda p: other(p.repost_of), in_reply_to_tweetid=lambda p: other(p.reply_to), urls=lambda p: _listed(links(p)),
        hashtags=lambda p: _listed(tags(p)))),
    "meta-content-library": Writer("meta-content-library", _columns(
        id=lambda p: p.id, creation_time=iso, text=lambda p: p.text, post_owner__id=lambda p: p.user,
        shared_post_id=lambda p: other(p.repost_of)), ALL - {"reply_to"}),
    "crowdtangle": Writer("crowdtangle", _columns(
        Page_0Name=lambda p: f"P {p.author}", Facebook_0Id=lambda p: p.user, Post_0Created=lambda p: f"{plain(p)} UTC", Message=lambda p: p.text,
        URL=lambda p: f"https://www.facebook.com/{p.user}/posts/{p.number}", Link=lambda p: p.link, Final_0Link=lambda p: ""), TEXT),
    "junkipedia": Writer("junkipedia", _columns(
        Post_0ID=lambda p: p.id, Channel_0ID=lambda p: p.user, Platform=lambda p: "Telegram", Published_0At=lambda p: f"{plain(p)} UTC",
        Post_0Text=lambda p: p.text, Link_0URLs=lambda p: " ".join(links(p))), TEXT),
    "talkwalker": Writer("talkwalker", _columns(
        url=lambda p: f"https://x.com/u/status/{p.id}", published=plain, title=lambda p: "", content=lambda p: p.text,
        extra_author_attributes__id=lambda p: f"id:x.com:{p.user}"), TEXT),
    "ytdt-comments": Writer("ytdt-comments", _columns(
        id=lambda p: f"c{p.number}", publishedAt=plain, authorName=lambda p: f"u{p.author}", text=lambda p: p.text,
        isReplyTo=lambda p: "" if p.reply_to is None else f"c{p.reply_to}"), ALL - {"repost_of"}),
    "reddit-table": Writer("reddit-table", _columns(
        id=lambda p: f"p{p.number}", author=lambda p: f"u{p.author}", created_utc=unix, subreddit=lambda p: "s", title=lambda p: p.text,
        selftext=lambda p: ""), TEXT),
    "table": Writer("table", _columns(
        Nr=lambda p: "", شناسه=lambda p: p.id, کاربر=lambda p: f"u{p.author}", تاریخ=lambda p: plain(p)[:10], ساعت=lambda p: plain(p)[11:],
        متن=lambda p: p.text, بازنشر=lambda p: other(p.repost_of), پاسخ_به=lambda p: other(p.reply_to))),
}  # fmt: skip
WRITERS: dict[str, Writer] = {
    **TABLES,
    "x-v2": Writer("x-v2", x_v2),
    "x-v1": Writer("x-v1", x_v1),
    "x-web": Writer("x-web", lambda posts: lines(_web(post) for post in posts)),
    "zeeschuimer-x": Writer("zeeschuimer", lambda posts: zeeschuimer(posts, "twitter.com", _web)),
    "zeeschuimer-x-details": Writer("zeeschuimer", lambda posts: zeeschuimer(posts, "x.com", lambda post: _web(post, "details"))),
    "zeeschuimer-tiktok": Writer("zeeschuimer", lambda posts: zeeschuimer(posts, "tiktok.com", lambda p: {
        "id": p.id, "desc": p.text, "createTime": unix(p), "author": {"uniqueId": f"u{p.author}"},
        "textExtra": [{"hashtagName": tag} for tag in tags(p)]}), frozenset({"text", "hashtags"})),
    "zeeschuimer-instagram": Writer("zeeschuimer", lambda posts: zeeschuimer(posts, "instagram.com", lambda p: {
        "code": f"C{p.number}", "taken_at": unix(p), "user": {"username": f"u{p.author}"}, "caption": {"text": p.text}}), TEXT),
    "zeeschuimer-threads": Writer("zeeschuimer", lambda posts: zeeschuimer(posts, "threads.net", lambda p: {
        "code": f"T{p.number}", "taken_at": unix(p), "user": {"username": f"u{p.author}"}, "caption": {"text": p.text},
        "text_post_app_info": {"share_info": {"reposted_post": None if p.repost_of is None else {
            "code": f"T{p.repost_of}", "caption": {"text": p.text}}}}}), ALL - {"reply_to"}),
    "zeeschuimer-comments": Writer("zeeschuimer", lambda posts: zeeschuimer(posts, "tiktok-comments", lambda p: {
        "cid": p.id, "aweme_id": "1", "text": p.text, "create_time": unix(p), "user": {"unique_id": f"u{p.author}"}}), TEXT),
    "zeeschuimer-gab": Writer("zeeschuimer", lambda posts: zeeschuimer(posts, "gab.com", lambda p: {
        "i": p.id, "ca": iso(p), "c": p.text, "author_info": {"i": p.user}}), TEXT),
    "x-archive": Writer("x-archive", x_archive, ALL, mapping=(("account_id", "=ann"),)),
    "snscrape": Writer("snscrape", snscrape),
    "apify-x": Writer("apify-x", apify_x),
    "telegram-export": Writer("telegram-export", telegram_desktop),
    "telethon": Writer("telethon", telethon),
    "pyrogram": Writer("pyrogram", pyrogram),
    "bluesky-jetstream": Writer("bluesky-jetstream", jetstream),
    "bluesky-api": Writer("bluesky-api", bluesky_sdk, ALL - {"repost_of"}),
    "bluesky-repository": Writer("bluesky-repository", bluesky_repository, ALL - {"repost_of"}),
    "mastodon": Writer("mastodon", mastodon, ALL | {"lang"}),
    "lemmy": Writer("lemmy", lemmy, TEXT),
    "reddit": Writer("reddit", reddit, ALL - {"reply_to"}),
    "youtube-api": Writer("youtube-api", youtube, TEXT),
    "vk-api": Writer("vk-api", vk, ALL - {"reply_to"}),
    "ok-api": Writer("ok-api", odnoklassniki, TEXT),
    "weibo-api": Writer("weibo-api", weibo, ALL - {"reply_to"}),
    "tiktok-research": Writer("tiktok-research", tiktok_research, TEXT),
    "whatsapp": Writer("whatsapp", whatsapp, TEXT),
    "brandwatch": Writer("brandwatch", brandwatch, TEXT),
    "meltwater": Writer("meltwater", meltwater, TEXT),
    "4cat": Writer("4cat", fourcat),
}  # fmt: skip
"""Format to how posts are written in it."""
