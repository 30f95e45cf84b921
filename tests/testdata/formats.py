"""Every format that the same made-up posts are written in, and the fields beyond text, links and reposts that it carries."""

from __future__ import annotations

import csv
import dataclasses
import html
import io
import json
import re
from collections.abc import Callable
from typing import Any

from testdata import exports
from testdata.exports import ALL, TEXT, Post, Writer, document, iso, lines, links, other, plain, tags, unix

Value = Callable[[Post], Any]
VALUES: dict[str, Value] = {
    "lang": lambda p: p.lang or None,
    "place": lambda p: p.place or None,
    "reach": lambda p: p.reach,
    "media": lambda p: [p.picture] if p.picture and p.repost_of is None else [],
    "mentions": lambda p: [p.mention] if p.mention and p.repost_of is None else [],
    "quote_of": lambda p: other(p.quote_of) or None,
}


def gettr(posts: list[Post]) -> bytes:
    """Posts of GETTR; a share is an activity around the post."""

    def event(post: Post) -> dict[str, Any]:
        when = unix(post) * 1000
        one = {
            "_t": "post",
            "_id": f"p{post.number}",
            "uid": f"u{post.author}",
            "cdate": when,
            "txt": post.text,
            "vis": "p",
        }
        if post.repost_of is None:
            return one
        deed = {"action": "shares_pst", "src_id": f"u{post.author}", "cdate": when, "_id": f"p{post.number}"}
        return {**one, "_id": f"p{post.repost_of}", "uid": "u1", "activity": deed}

    return lines(event(post) for post in posts)


def outbox(posts: list[Post]) -> bytes:
    """Posts as activities, as in the archive of a Mastodon account."""

    def activity(post: Post) -> dict[str, Any]:
        name, by = f"https://m.example/{post.number}", f"https://m.example/users/u{post.author}"
        done = {"id": name, "type": "Create", "actor": by, "published": iso(post)}
        if post.repost_of is not None:
            return {**done, "type": "Announce", "object": f"https://m.example/{post.repost_of}"}
        shown = re.sub(r"(https?://\S+)", r'<a href="\1">\1</a>', post.text)
        note = {"type": "Note", "id": name, "attributedTo": by, "published": iso(post), "content": f"<p>{shown}</p>",
                "tag": [{"type": "Hashtag", "name": f"#{tag}"} for tag in tags(post)]}  # fmt: skip
        return {**done, "object": note}

    return json.dumps({"type": "OrderedCollection", "orderedItems": [activity(post) for post in posts]}).encode()


def rss(posts: list[Post]) -> bytes:
    """Posts of X as a feed of Nitter."""

    def item(post: Post) -> str:
        by = f"u{post.author}"
        number, shown = (other(post.repost_of), "orig") if post.repost_of is not None else (post.id, by)
        title = f"RT by @{by}: {post.words}" if post.repost_of is not None else post.words
        return (
            f"<item><title>{title}</title><description><![CDATA[<p>{post.text}</p>]]></description>"
            f"<pubDate>{post.at:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
            f"<link>https://nitter.example/{shown}/status/{number}#m</link></item>"
        )

    return f'<rss version="2.0"><channel>{"".join(map(item, posts))}</channel></rss>'.encode()


def activity(post: Post) -> str:
    """The id of an activity on LinkedIn holds its time."""
    return f"urn:li:activity:{(unix(post) * 1000 << 22) + post.number}"


def graph(posts: list[Post]) -> bytes:
    """A table of GDELT's knowledge graph: no header, 27 columns."""

    def row(post: Post) -> str:
        cells = [""] * 27
        cells[0], cells[1] = f"{post.at:%Y%m%d%H%M%S}-{post.number}", f"{post.at:%Y%m%d%H%M%S}"
        cells[3], cells[4] = f"s{post.author}.example", f"https://s{post.author}.example/{post.number}"
        cells[26] = f"<PAGE_TITLE>{post.text}</PAGE_TITLE>"
        return "\t".join(cells)

    return "\n".join(map(row, posts)).encode()


def chat(date: str, head: str, more: Callable[[Post], str] = lambda _: "") -> Callable[[list[Post]], bytes]:
    """A WhatsApp chat with dates as one language writes them."""
    return lambda posts: "\n".join(
        [head, *(f"{post.at.strftime(date)}{more(post)}Person {post.author}: {post.text}" for post in posts)]
    ).encode()


def half(post: Post) -> str:
    return ("ص" if post.at.hour < 12 else "م") + " - "


def hours(post: Post) -> str:
    clock = f"{(post.at.hour - 1) % 12 + 1}:{post.at:%M}"
    return clock.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")) + "\u202f" + half(post)


def arabic(post: Post) -> str:
    date = f"{post.at.day}/{post.at.month}/{post.at.year}".translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    return f"{date}، {hours(post)}"


def zee(site: str, data: Callable[[Post], dict[str, Any]]) -> Callable[[list[Post]], bytes]:
    return lambda posts: exports.zeeschuimer(posts, site, data)


def address(post: Post) -> str:
    return f"https://s{post.author}.example/{post.number}"


def columns(**named: Value) -> Callable[[list[Post]], bytes]:
    return exports._columns(**named)


def imageboard(posts: list[Post]) -> bytes:
    return document({"posts": [
        {"no": post.number, "now": "05/01/26(Fri)12:00:00", "time": unix(post), "resto": 0, "name": "Anonymous", "trip": f"!u{post.author}",
         "com": html.escape(post.text).replace("news.example", "news.<wbr>example"), "filename": "a", "ext": ".jpg"}
        for post in posts
    ]})  # fmt: skip


def nostr(posts: list[Post]) -> bytes:
    """Events of Nostr; a repost names its original in a tag."""

    def event(post: Post) -> dict[str, Any]:
        marks = [["e", other(post.repost_of)]] if post.repost_of is not None else []
        marks += [["e", other(post.reply_to), "", "reply"]] if post.reply_to is not None else []
        marks += [["q", other(post.quote_of)]] if post.quote_of is not None else []
        kind, content = (6, json.dumps({"content": post.text})) if post.repost_of is not None else (1, post.text)
        return {"id": post.id, "pubkey": post.user, "created_at": unix(post), "kind": kind, "tags": marks, "content": content, "sig": "0"}  # fmt: skip

    return lines(event(post) for post in posts)


def line_chat(posts: list[Post]) -> bytes:
    """A chat of LINE: days above their messages."""
    said, day = ['[LINE] Chat history in "Town"', "Saved on: 05/20/2026, 10:00"], ""
    for post in posts:
        if f"{post.at:%a, %m/%d/%Y}" != day:
            day = f"{post.at:%a, %m/%d/%Y}"
            said += ["", day]
        said.append(f"{post.at:%H:%M}\tPerson {post.author}\t{post.text}")
    return "\n".join(said).encode()


MORE: dict[str, Writer] = {
    "imageboard": Writer("imageboard", imageboard, TEXT),
    "nostr": Writer("nostr", nostr, ALL | {"quote_of"}),
    "gettr": Writer("gettr", gettr, ALL - {"reply_to"}),
    "activitypub": Writer("activitypub", outbox, ALL - {"reply_to"}),
    "crowdtangle-instagram": Writer("crowdtangle-instagram", columns(
        Account=lambda p: f"A {p.author}", User_0Name=lambda p: f"u{p.author}", Post_0Created=lambda p: f"{plain(p)} UTC",
        URL=lambda p: f"https://www.instagram.com/p/C{p.number}/", Link=lambda p: f"https://www.instagram.com/p/C{p.number}/",
        Photo=lambda p: "https://cdn.example/p.jpg", Description=lambda p: p.text), TEXT),
    "media-cloud": Writer("media-cloud", columns(
        publish_date=plain, title=lambda p: p.text, url=address, media_name=lambda p: f"S {p.author}",
        media_url=lambda p: f"https://s{p.author}.example/"), TEXT),
    "newswhip": Writer("newswhip", columns(
        Headline=lambda p: p.text, Excerpt=lambda p: "", Link=address, Publisher=lambda p: f"s{p.author}.example",
        Publication_0Timestamp=lambda p: unix(p) * 1000), TEXT),
    "newswhip-api": Writer("newswhip-api", lambda posts: exports.document({"articles": [
        {"link": address(p), "headline": p.text, "excerpt": "", "source": {"publisher": f"s{p.author}.example"},
         "publication_timestamp": unix(p) * 1000, "relatedStories": []} for p in posts]}), TEXT),
    "junkipedia-table": Writer("junkipedia", columns(
        PostId=lambda p: p.id, ChannelName=lambda p: f"u{p.author}", Platform=lambda p: "Telegram", published_at=iso,
        post_body_text=lambda p: p.text), TEXT, platform="telegram"),
    "junkipedia-api": Writer("junkipedia-api", lambda posts: exports.document({"data": [
        {"id": p.id, "type": "posts", "attributes": {"published_at": iso(p), "search_data_fields": {
            "channel_name": f"u{p.author}", "platform_name": "Twitter", "sanitized_text": p.text}}} for p in posts],
        "links": {}}), TEXT, platform="x"),
    "qut": Writer("qut", columns(
        message_id=lambda p: p.id, user_id=lambda p: p.user, username=lambda p: f"u{p.author}",
        repost_id=lambda p: other(p.repost_of), reply_id=lambda p: other(p.reply_to), message=lambda p: p.text, timestamp=unix,
        urls=lambda p: " ".join(links(p)))),
    "gdelt-doc": Writer("gdelt-doc", columns(
        URL=address, MobileURL=lambda p: "", Date=plain, Title=lambda p: p.text), TEXT),
    "gdelt-gkg": Writer("gdelt-gkg", graph, TEXT),
    "apify-tiktok": Writer("apify-tiktok", columns(
        id=lambda p: p.id, text=lambda p: p.text, createTimeISO=iso, authorMeta__name=lambda p: f"u{p.author}",
        webVideoUrl=lambda p: f"https://www.tiktok.com/@u{p.author}/video/{p.id}"), TEXT),
    "weibo-table": Writer("weibo-table", columns(
        id=lambda p: p.id, user_id=lambda p: p.user, 微博正文=lambda p: p.text, 发布时间=lambda p: plain(p),
        话题=lambda p: ",".join(tags(p)), 头条文章url=lambda p: p.link, retweet_id=lambda p: other(p.repost_of)), ALL - {"reply_to"}),
    "snscrape-csv": Writer("snscrape-csv", columns(
        date=lambda p: p.at.isoformat(), id=lambda p: p.id, rawContent=lambda p: p.text, user=lambda p: f"{{'id': {p.user}}}",
        tcooutlinks=lambda p: "", outlinks=lambda p: str(links(p)), hashtags=lambda p: str(tags(p)),
        retweetedTweet=lambda p: f"https://twitter.com/u/status/{other(p.repost_of)}" if p.repost_of is not None else "",
        inReplyToTweetId=lambda p: other(p.reply_to))),
    "ira-tweets": Writer("ira-tweets", columns(
        external_author_id=lambda p: p.user, author=lambda p: f"U{p.author}", content=lambda p: p.text,
        publish_date=lambda p: f"{p.at.month}/{p.at.day}/{p.at.year} {p.at.hour}:{p.at:%M}", harvested_date=lambda p: "",
        retweet=lambda p: int(p.repost_of is not None), alt_external_id=lambda p: p.user, tweet_id=lambda p: p.id,
        tco1_step1=lambda p: p.link), TEXT, unit_s=60),
    "ytdt-videos": Writer("ytdt-videos", columns(
        videoId=lambda p: f"v{p.number}", channelId=lambda p: f"UC{p.author}", publishedAt=iso, videoTitle=lambda p: p.text,
        videoDescription=lambda p: ""), TEXT),
    "web": Writer("web", rss, frozenset({"text", "urls", "hashtags", "repost_of"}), platform="x"),
    "zeeschuimer-linkedin": Writer("zeeschuimer", zee("linkedin.com", lambda p: {
        "updateMetadata": {"urn": activity(p)}, "actor": {"name": {"text": f"U {p.author}"}},
        "commentary": {"text": {"text": p.text}}}), TEXT, platform="linkedin"),
    "zeeschuimer-rednote": Writer("zeeschuimer", zee("xiaohongshu.com", lambda p: {
        "id": p.id, "note_card": {"user": {"user_id": p.user}, "desc": p.text, "time": unix(p) * 1000}}), TEXT,
        platform="xiaohongshu"),
    "zeeschuimer-9gag": Writer("zeeschuimer", zee("9gag.com", lambda p: {
        "id": p.id, "creator": {"username": f"u{p.author}"}, "creationTs": unix(p), "title": p.text, "sourceUrl": p.link,
        "tags": [{"key": tag} for tag in tags(p)]}), TEXT, platform="9gag"),
    "zeeschuimer-imgur": Writer("zeeschuimer", zee("imgur.com", lambda p: {
        "id": p.id, "account_id": p.user, "created_at": iso(p), "title": p.text}), TEXT, platform="imgur"),
    "zeeschuimer-douyin": Writer("zeeschuimer", zee("douyin.com", lambda p: {
        "aweme_id": p.id, "author": {"sec_uid": f"u{p.author}"}, "create_time": unix(p), "desc": p.text,
        "text_extra": [{"hashtag_name": tag} for tag in tags(p)]}), frozenset({"text", "hashtags"}), platform="douyin"),
    "zeeschuimer-truth": Writer("zeeschuimer", lambda posts: exports.zeeschuimer(
        posts, "truthsocial.com", lambda p: json.loads(exports.mastodon([p]))), carries=ALL | {"lang"}, platform="truthsocial"),
    "telethon-table": Writer("table", columns(
        id=lambda p: p.id, date=lambda p: p.at.isoformat(), message=lambda p: p.text, sender_id=lambda p: p.user,
        peer_id=lambda p: "7", reply_to_msg_id=lambda p: "", views=lambda p: ""), TEXT),
    "communalytic-bluesky": Writer("table", columns(
        id=lambda p: f"at://did:plc:u{p.author}/app.bsky.feed.post/k{p.number}", username=lambda p: f"u{p.author}.bsky.social",
        date=plain, text=lambda p: p.text), TEXT, platform="bluesky"),
    "whatsapp-fa": Writer("whatsapp", chat("", "۱۴۰۵/۲/۱۱، ۱۱:۵۹ - پیام‌ها رمزنگاری می‌شوند.", lambda p: f"{p.at:%Y/%m/%d، %H:%M} - "),
                          TEXT, unit_s=60),
    "whatsapp-ar": Writer("whatsapp", chat("", "١/٥/٢٠٢٦، ١١:٥٩ ص - الرسائل مشفرة.", arabic), TEXT, unit_s=60),
    "line": Writer("line", line_chat, TEXT, unit_s=60),
    "whatsapp-de": Writer("whatsapp", chat("%d.%m.%y, %H:%M - ", "01.05.26, 11:59 - Nachrichten sind verschlüsselt."), TEXT, unit_s=60),
    "whatsapp-tr": Writer("whatsapp", chat("%d.%m.%Y %H:%M - ", "1.05.2026 11:59 - Mesajlar şifrelidir."), TEXT, unit_s=60),
    "whatsapp-es": Writer("whatsapp", chat("[%d/%m/%y, %H:%M:%S] ", "[1/5/26, 11:59:00] Town: \u200eLos mensajes y las llamadas están cifrados de extremo a extremo. Nadie puede leerlos."), TEXT),
    "whatsapp-us": Writer("whatsapp", chat("", "5/1/26, 11:59 AM - Messages are encrypted.",
        lambda p: f"{p.at.month}/{p.at.day}/{p.at:%y}, {(p.at.hour - 1) % 12 + 1}:{p.at:%M}\u202f{p.at:%p} - "), TEXT, unit_s=60),
}  # fmt: skip
FIELDS: dict[str, tuple[str, dict[str, str]]] = {
    "x-v2": ("data", {"lang": "lang", "reach": "public_metrics.impression_count", "media": "attachments.media_keys",
                      "place": "geo.full_name"}),
    "x-v1": ("", {"lang": "lang", "reach": "retweet_count", "quote_of": "quoted_status_id_str", "place": "place.full_name"}),
    "x-web": ("", {"lang": "legacy.lang", "quote_of": "legacy.quoted_status_id_str"}),
    "snscrape": ("", {"lang": "lang", "reach": "viewCount", "place": "place.fullName"}),
    "apify-x": ("[]", {"lang": "lang", "reach": "viewCount", "quote_of": "quoteId"}),
    "twarc-csv": ("csv", {"lang": "lang", "reach": "public_metrics.impression_count", "quote_of": "referenced_tweets.quoted.id",
                          "place": "geo.full_name", "media": "attachments.media_keys", "mentions": "entities.mentions"}),
    "twint": ("csv", {"lang": "language", "reach": "retweets_count", "place": "place", "mentions": "mentions", "media": "photos"}),
    "snscrape-csv": ("csv", {"lang": "lang", "reach": "viewCount"}),
    "gazouilloire": ("csv", {"lang": "lang", "reach": "impression_count", "quote_of": "quoted_id", "place": "place_name",
                             "mentions": "mentioned_names", "media": "media_urls"}),
    "dmi-tcat": ("csv", {"lang": "lang", "reach": "retweet_count", "quote_of": "quoted_status_id"}),
    "x-io": ("csv", {"lang": "tweet_language", "reach": "retweet_count", "quote_of": "quoted_tweet_tweetid", "mentions": "user_mentions"}),
    "twitter-web-exporter": ("csv", {"reach": "views_count"}),
    "meta-content-library": ("csv", {"lang": "lang", "reach": "statistics.views", "media": "multimedia"}),
    "crowdtangle": ("csv", {"reach": "Post Views"}),
    "crowdtangle-instagram": ("csv", {"reach": "Views"}),
    "communalytic": ("csv", {"lang": "lang", "reach": "retweet_count"}),
    "ira-tweets": ("csv", {"lang": "language"}),
    "media-cloud": ("csv", {"lang": "language"}),
    "talkwalker": ("csv", {"lang": "lang", "reach": "reach", "media": "images.url"}),
    "junkipedia": ("csv", {"reach": "Views"}),
    "junkipedia-table": ("csv", {"reach": "ViewsCount"}),
    "4cat": ("csv", {"lang": "lang", "reach": "impression_count", "place": "place_name", "mentions": "mentions", "media": "images"}),
    "tiktok-research": ("data.videos", {"reach": "view_count"}),
    "apify-tiktok": ("csv", {"lang": "textLanguage", "reach": "playCount", "mentions": "mentions"}),
    "telethon": ("", {"reach": "views"}),
    "telethon-table": ("csv", {"reach": "views"}),
    "pyrogram": ("", {"reach": "views"}),
    "vk-api": ("response.items", {"reach": "views.count"}),
    "weibo-api": ("", {"reach": "reposts_count", "place": "region_name", "media": "pic_ids"}),
    "weibo-table": ("csv", {"reach": "转发数", "place": "发布位置", "media": "微博图片url"}),
    "ytdt-videos": ("csv", {"lang": "defaultLanguage", "reach": "viewCount"}),
    "zeeschuimer-tiktok": ("", {"reach": "data.stats.playCount", "place": "data.locationCreated", "lang": "data.textLanguage"}),
    "zeeschuimer-instagram": ("", {"reach": "data.play_count", "place": "data.location.name"}),
    "zeeschuimer-comments": ("", {"lang": "data.comment_language"}),
    "zeeschuimer-imgur": ("", {"reach": "data.view_count"}),
    "zeeschuimer-douyin": ("", {"reach": "data.statistics.share_count", "place": "data.region"}),
    "table": ("csv", {"lang": "زبان", "place": "شهر", "reach": "بازدید", "quote_of": "نقل_قول"}),
}  # fmt: skip
"""Format to where its posts stand in a document (``csv`` for tables) and which field stands where in each."""


def with_fields(writer: Writer, where: str, fields: dict[str, str]) -> Writer:
    """Write further fields into what a writer wrote."""
    add = _into_table if where == "csv" else _into_records

    def write(posts: list[Post]) -> bytes:
        return add(writer.write(posts), posts, where, fields)

    return dataclasses.replace(writer, write=write, carries=writer.carries | fields.keys())


def _into_table(data: bytes, posts: list[Post], _: str, fields: dict[str, str]) -> bytes:
    head = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    for row, post in zip(head, posts, strict=True):
        for target, name in fields.items():
            value = VALUES[target](post)
            row[name] = json.dumps(value) if isinstance(value, list) else "" if value is None else value
    return exports.table(head)


def _into_records(data: bytes, posts: list[Post], where: str, fields: dict[str, str]) -> bytes:
    whole: Any = [json.loads(line) for line in data.splitlines()] if where == "" else json.loads(data)
    found: Any = whole
    for step in where.split(".") if where not in ("", "[]") else []:
        found = found[step]
    for one, post in zip(found, posts, strict=True):
        for target, path in fields.items():
            *outer, last = path.split(".")
            inner = one
            for step in outer:
                inner = inner.setdefault(step, {})
            inner[last] = VALUES[target](post)
    return lines(whole) if where == "" else exports.document(whole)


PLATFORMS = {
    "brightdata": "x", "junkipedia": "telegram", "talkwalker": "x", "brandwatch": "x", "meltwater": "x", "4cat": "x",
    "zeeschuimer-x": "x", "zeeschuimer-x-details": "x", "zeeschuimer-tiktok": "tiktok", "zeeschuimer-instagram": "instagram",
    "zeeschuimer-threads": "threads", "zeeschuimer-comments": "tiktok", "zeeschuimer-gab": "gab",
}  # fmt: skip
"""Platform that the posts are of, where the format is of several."""


def whole(name: str, writer: Writer) -> Writer:
    """A writer with all fields that its format carries, and the platform it is of."""
    told = dataclasses.replace(writer, platform=writer.platform or PLATFORMS.get(name, ""))
    return with_fields(told, *FIELDS[name]) if name in FIELDS else told


WRITERS: dict[str, Writer] = {name: whole(name, writer) for name, writer in {**exports.WRITERS, **MORE}.items()}
"""Format to how posts are written in it, all fields that it carries included."""
