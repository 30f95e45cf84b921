"""Files of more tools, languages and packings, laid out as public code and documentation show them; the content is made up."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

N = 6
FIRST = datetime(2026, 5, 1, 12, tzinfo=UTC)
LINKS = [f"https://news.example/{n % 3}" for n in range(N)]
TEXTS = [f"word {n} at {LINKS[n]} #tag{n % 2}" for n in range(N)]


def at(n: int, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return (FIRST + timedelta(seconds=3 * n)).strftime(form)


def iso(n: int) -> str:
    return at(n, "%Y-%m-%dT%H:%M:%SZ")


def unix(n: int) -> int:
    return int(FIRST.timestamp()) + 3 * n


def table(head: str, row: Callable[[int], list[object]], *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """A delimited file; names in ``head`` stand between bars."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(head.split("|"))
    writer.writerows(row(n) for n in range(N))
    return out.getvalue().encode(encoding)


def lines(record: Callable[[int], Any]) -> bytes:
    return "\n".join(json.dumps(record(n)) for n in range(N)).encode()


def listed(record: Callable[[int], Any]) -> list[Any]:
    return [record(n) for n in range(N)]


@dataclass(frozen=True)
class Odd:
    """A file, and what a person reads in its second row."""

    content: bytes
    account: str
    post: str = ""
    """Empty = the row has no id of its own."""
    platform: str = "unknown"
    more: dict[str, Any] = field(default_factory=dict)


TWEET = "11474958343904{}411"
ODD: dict[str, Odd] = {
    "a chat of one channel": Odd(
        table("message_id|channel|author_tag|sent|body|attachments", lambda n: [
            f"9{n}", "general", f"u{n}#0001", at(n, "%d-%b-%y %I:%M:%S %p"), TEXTS[n], ""]), account="u1#0001", post="91"),
    "Pulsar": Odd(
        table("Date|Source|User screen name|User name|Content|URL|Links|Followers|Country", lambda n: [
            iso(n), "TWITTER", f"u{n}", f"Name {n % 2}", TEXTS[n], f"https://twitter.com/u{n}/status/{TWEET.format(n)}", LINKS[n], 5, "IR"]),
        account="u1", post=TWEET.format(1), platform="x"),
    "a feed as lines of JSON": Odd(
        lines(lambda n: {"guid": f"https://t.me/chan{n}/{n + 100}", "pubDate": at(n, "%a, %d %b %Y %H:%M:%S GMT"), "author": f"chan{n}",
                         "content": f"<p>word {n} at <a href='{LINKS[n]}'>a site</a> #tag{n % 2}</p>"}),
        account="chan1", post="chan1/101", platform="telegram", more={"text": "word 1 at a site #tag1"}),
    "instagrapi": Odd(
        json.dumps(listed(lambda n: {"pk": f"p{n}", "user": {"pk": f"90{n}", "username": f"u{n}"}, "taken_at": iso(n),
                                     "caption_text": TEXTS[n], "code": f"C{n}"})).encode(), account="u1", post="p1"),
    "KomeTube, a live chat": Odd(
        table("Date|AuthorName|AuthorBadges|Message|PaidMsg|AuthorID", lambda n: [at(n), f"Name {n}", "", TEXTS[n], "", f"UC{n}"]),
        account="UC1"),
    "DiscordChatExporter, JSON": Odd(
        json.dumps({"guild": {"id": "0", "name": "G"}, "channel": {"id": "926", "type": "GuildTextChat", "name": "general"},
                    "dateRange": {"after": None, "before": None}, "exportedAt": iso(90), "messages": listed(lambda n: {
                        "id": f"9263903437573612{n}", "type": "Default", "timestamp": at(n, "%Y-%m-%dT%H:%M:%S.000+00:00"),
                        "timestampEdited": None, "content": TEXTS[n], "author": {
                            "id": f"u{n}", "name": f"nano{n}", "discriminator": "0001", "nickname": f"N{n}", "isBot": False,
                            "avatarUrl": f"https://cdn.discordapp.com/avatars/{n}/a.png"},
                        "attachments": [], "embeds": [], "mentions": []})}, indent=2).encode(),
        account="u1", post="92639034375736121"),
    "DiscordChatExporter, CSV": Odd(
        table("AuthorID|Author|Date|Content|Attachments|Reactions", lambda n: [
            f"90{n}", f"nano{n}", at(n, "%Y-%m-%dT%H:%M:%S.0000000+00:00"), TEXTS[n], "", ""]), account="901"),
    "Social Feed Manager": Odd(
        table("created_at|twitter_id|screen_name|location|followers_count|favorite_count/retweet_count|hashtags|mentions|"
              "in_reply_to_screen_name|twitter_url|text|is_retweet|url1|url1_expanded|url2|url2_expanded|media_url", lambda n: [
                  iso(n), TWEET.format(n), f"u{n}", "Rome", 5, "1/2", f"tag{n % 2}", "", "",
                  f"http://twitter.com/u{n}/status/{TWEET.format(n)}", TEXTS[n], "No", f"https://t.co/x{n}", LINKS[n], "", "", ""]),
        account="u1", post=TWEET.format(1), platform="x"),
    "TAGS": Odd(
        table("id_str|from_user|text|created_at|time|user_lang|from_user_id_str|in_reply_to_status_id_str|source|profile_image_url|"
              "user_followers_count|status_url|entities_str", lambda n: [
                  TWEET.format(n), f"u{n}", f"word {n} at https://t.co/x{n} #tag{n % 2}", at(n, "%a %b %d %H:%M:%S +0000 %Y"),
                  at(n, "%d/%m/%Y %H:%M:%S"), "en", f"90{n}", "", "web", "http://pbs.twimg.com/profile_images/1/p.jpg", 5,
                  f"http://twitter.com/u{n}/statuses/{TWEET.format(n)}", json.dumps({
                      "hashtags": [{"text": f"tag{n % 2}"}], "user_mentions": [],
                      "urls": [{"url": f"https://t.co/x{n}", "expanded_url": LINKS[n], "display_url": "news"}]})]),
        account="u1", post=TWEET.format(1), platform="x", more={"text": "word 1 at https://t.co/x1 #tag1"}),
    "rtweet": Odd(
        table("user_id|status_id|created_at|screen_name|text|source|is_retweet|hashtags|urls_url|urls_t.co|urls_expanded_url|media_url|"
              "lang|retweet_status_id|retweet_created_at|retweet_screen_name|status_url|name|location|description|url|"
              "account_created_at|profile_url", lambda n: [
                  f"x90000{n % 4}", f"x{TWEET.format(n)}", at(n), f"u{n % 4}", TEXTS[n], "web", str(n > 3).upper(), f"tag{n % 2}",
                  f"news.example/{n % 3}", f"https://t.co/a{n}", LINKS[n], "", "en", f"x{TWEET.format(9)}" if n > 3 else "",
                  at(0) if n > 3 else "", "u0" if n > 3 else "", f"https://twitter.com/u{n % 4}/status/{TWEET.format(n)}",
                  f"Name {n % 4}", "Rome", "about", f"https://mine.example/{n % 4}", "2015-01-01 00:00:00",
                  f"https://mine.example/{n % 4}"]),
        account="x900001", post=TWEET.format(1), platform="x", more={"repost_of": None}),
    "telepathy": Odd(
        table("To|Message ID|Display_name|User ID|Message_text|Original_language|Timestamp|Has_media|Reply_to_ID|Replies|Forwards|Views",
              lambda n: ["chan", 10 + n, f"Name {n}", f"90{n}", TEXTS[n], "en", at(n, "%Y-%m-%d %H:%M:%S+00:00"), "False", "", 0, 1, 22]),
        account="901", post="11"),
    "a scraper of Telegram": Odd(
        table("Group|Author ID|Content|Date|Message ID|Author|Views|Reactions|Shares|Media|Comments List", lambda n: [
            "@chan", f"90{n}", TEXTS[n], at(n), 10 + n, f"Name {n}", 22, "👍 3", 1, "False", "[]"]), account="901", post="11"),
    "ExportComments": Odd(
        "\ufeffFacebook Post URL,https://www.facebook.com/p/posts/1\nTotal comments,6\n\n".encode()
        + table("|Name|Profile ID|Date|Likes|Stars (App & Places)|Comment|(view source)", lambda n: [
            n + 1, f"Name {n}", f"90{n}", at(n), 2, "", TEXTS[n], "view comment"]), account="901"),
    "yt-dlp, comments of a video": Odd(
        json.dumps({"id": "vid", "title": "A video", "uploader": "chan", "uploader_id": "@chan", "timestamp": unix(0) - 86_400,
                    "webpage_url": "https://www.youtube.com/watch?v=vid", "comments": listed(lambda n: {
                        "id": f"Ug{n}", "parent": "root", "text": TEXTS[n], "author_id": f"UC{n}", "author": f"@u{n}",
                        "author_thumbnail": "https://yt3.ggpht.com/a", "timestamp": unix(n), "_time_text": "1 day ago"})}).encode(),
        account="UC1", post="Ug1"),
    "youtube-comment-downloader": Odd(
        lines(lambda n: {"cid": f"Ug{n}", "text": TEXTS[n], "time": "2 years ago", "author": f"@u{n}", "channel": f"UC{n}", "votes": "1",
                         "photo": f"https://yt3.ggpht.com/a{n}", "heart": False, "reply": False, "time_parsed": float(unix(n))}),
        account="@u1", post="Ug1"),
    "chat-downloader": Odd(
        json.dumps(listed(lambda n: {
            "action_type": "add_chat_item", "author": {"id": f"UC{n}", "name": f"Name {n}", "images": [{"url": "https://yt4.ggpht.com/a"}]},
            "message": TEXTS[n], "message_id": f"Cj{n}", "message_type": "text_message", "timestamp": unix(n) * 1_000_000,
            "time_in_seconds": 3.1 * n, "time_text": f"0:0{n}"})).encode(), account="UC1", post="Cj1"),
    "Parler": Odd(
        lines(lambda n: {"id": f"p{n}", "body": TEXTS[n], "createdAt": at(n, "%Y%m%d%H%M%S"), "creator": f"c{n}", "username": f"u{n}",
                         "depth": 0, "hashtags": [f"tag{n % 2}"], "links": [f"l{n}"], "parent": None, "impressions": 5,
                         "urls": [{"domain": "news.example", "long": LINKS[n], "short": "https://parler.com/l/aa"}]}),
        account="u1", post="p1"),
    "facebook-scraper": Odd(
        table("post_id|text|post_text|shared_text|time|timestamp|image|images|video|likes|comments|shares|post_url|link|links|user_id|"
              "username|user_url|is_live|shared_post_id|shared_time|shared_user_id|shared_username|shared_post_url|available", lambda n: [
                  f"10{n}", TEXTS[n], TEXTS[n], "", at(n), unix(n), "", "[]", "", 5, 1, 0, f"https://facebook.com/p/posts/10{n}", LINKS[n],
                  "[]", f"90{n}", f"Page {n}", f"https://facebook.com/p{n}", "False", "", "", "", "", "", "True"]),
        account="901", post="101", platform="facebook"),
    "Discourse": Odd(
        json.dumps({"post_stream": {"posts": listed(lambda n: {
            "id": 500 + n, "name": f"Name {n}", "username": f"u{n}", "avatar_template": "/a.png", "created_at": iso(n),
            "cooked": f'<p>word {n} at <a href="{LINKS[n]}">{LINKS[n]}</a> #tag{n % 2}</p>', "post_number": n + 1, "updated_at": iso(n + 30),
            "user_id": 90 + n})}, "title": "Topic", "created_at": iso(0)}).encode(), account="91", post="501"),
    "Matrix": Odd(
        json.dumps({"room_name": "R", "messages": listed(lambda n: {
            "type": "m.room.message", "sender": f"@u{n}:matrix.org", "content": {"msgtype": "m.text", "body": TEXTS[n]},
            "origin_server_ts": unix(n) * 1000, "event_id": f"$e{n}", "room_id": "!r:matrix.org"})}).encode(),
        account="@u1:matrix.org", post="$e1"),
    "mongoexport": Odd(
        lines(lambda n: {"_id": {"$oid": f"5f{n}"}, "tweet_id": {"$numberLong": TWEET.format(n)}, "text": TEXTS[n],
                         "user": {"id": {"$numberLong": f"90{n}"}, "name": f"u{n}"}, "created": {"$date": iso(n)}}),
        account="901", post=TWEET.format(1), platform="x"),
    "mongoexport, canonical": Odd(
        lines(lambda n: {"_id": {"$oid": f"5f{n}"}, "username": f"u{n}", "text": TEXTS[n],
                         "created_at": {"$date": {"$numberLong": str(unix(n) * 1000)}}}), account="u1", post="5f1"),
    "Elasticsearch, CSV": Odd(
        table("_id|_index|_score|_source.user.screen_name|_source.created_at|_source.text|_source.@timestamp", lambda n: [
            f"e{n}", "tw", "1.0", f"u{n}", at(n, "%a %b %d %H:%M:%S +0000 %Y"), TEXTS[n], iso(70)]), account="u1", post="e1"),
    "R, row names and NA": Odd(
        ('"","id","user","date","text","rt_of"\n'
         + "\n".join(f'"{n + 1}",{100 + n},"u{n}","{at(n)}","{TEXTS[n]}",NA' for n in range(N))).encode(), account="u1", post="101"),
    "a Russian monitoring service": Odd(
        table("Дата|Время|Автор|Ссылка на автора|Текст|Ссылка|Тип|Площадка", lambda n: [
            at(n, "%d.%m.%Y"), at(n, "%H:%M:%S"), f"Имя {n}", f"https://vk.com/id90{n}", TEXTS[n], f"https://vk.com/wall90{n}_{n + 1}",
            "Пост", "vk.com"], delimiter=";", encoding="cp1251"), account="Имя 1", post="901_2", platform="vk"),
    "Chinese": Odd(
        table("昵称|用户ID|评论内容|发布时间|点赞数|IP属地", lambda n: [f"n{n}", f"90{n}", TEXTS[n], at(n), 3, "北京"], encoding="gb18030"),
        account="901"),
    "Turkish, cp1254": Odd(
        table("Gönderi No|Kullanıcı Adı|Paylaşım Tarihi|İçerik", lambda n: [n, f"u{n}", at(n, "%d.%m.%Y %H:%M:%S"), TEXTS[n]],
              delimiter=";", encoding="cp1254"), account="u1"),
    "Arabic, cp1256": Odd(
        table("رقم|اسم الحساب|تاريخ النشر|نص المنشور", lambda n: [n, f"u{n}", at(n), TEXTS[n]], delimiter=";", encoding="cp1256"), account="u1"),
    "Russian, cp1251": Odd(
        table("Ид|Автор|Дата публикации|Текст", lambda n: [n, f"u{n}", at(n), TEXTS[n]], delimiter=";", encoding="cp1251"), account="u1"),
    "Hebrew, cp1255": Odd(
        table("מזהה|שם משתמש|תאריך|תוכן", lambda n: [n, f"u{n}", at(n), TEXTS[n]], encoding="cp1255"), account="u1", post="1"),
    "Japanese, Shift JIS": Odd(
        table("投稿ID|ユーザー名|投稿日時|本文", lambda n: [n, f"u{n}", at(n, "%Y/%m/%d %H:%M:%S"), TEXTS[n]], encoding="shift_jis"),
        account="u1", post="1"),
    "Korean, EUC-KR": Odd(
        table("작성자|작성일|내용|좋아요", lambda n: [f"u{n}", at(n), TEXTS[n], 3], encoding="euc_kr"), account="u1"),
    "NodeXL": Odd(
        table("Vertex 1|Vertex 2|Relationship|Relationship Date (UTC)|Tweet|URLs in Tweet|Domains in Tweet|Hashtags in Tweet|"
              "Twitter Page for Tweet|Imported ID|In-Reply-To Tweet ID", lambda n: [
                  f"u{n}", f"u{n}", "Tweet", at(n), TEXTS[n], LINKS[n], "news.example", f"tag{n % 2}",
                  f"https://twitter.com/u{n}/status/{TWEET.format(n)}", TWEET.format(n), ""]),
        account="u1", post=TWEET.format(1), platform="x"),
    "Netlytic": Odd(
        table("id|guid|link|pubdate|author|title|description|source|location|lang|to_user|profile_image_url|user_followers_count", lambda n: [
            n + 1, TWEET.format(n), f"http://twitter.com/u{n}/statuses/{TWEET.format(n)}", at(n), f"u{n}", TEXTS[n], TEXTS[n], "web",
            "Rome", "en", "", "http://pbs.twimg.com/profile_images/a.jpg", 5]), account="u1", post=TWEET.format(1), platform="x"),
    "Hoaxy": Odd(
        table("canonical_url|date_published|domain|from_user_botscore|from_user_id|from_user_screen_name|id|is_mention|site_type|"
              "to_user_id|to_user_screen_name|tweet_created_at|tweet_id|tweet_type|tweet_url|url_raw|text", lambda n: [
                  LINKS[n], "2026-04-30T00:00:00Z", "news.example", "0.1", f"90{n}", f"u{n}", n, "False", "claim", 91, "v", iso(n),
                  TWEET.format(n), "origin", f"https://twitter.com/u{n}/status/{TWEET.format(n)}", LINKS[n], TEXTS[n]]),
        account="901", post=TWEET.format(1), platform="x"),
    "PhantomBuster, LinkedIn": Odd(
        table("postUrl|imgUrl|type|postContent|likeCount|commentCount|repostCount|postDate|action|profileUrl|timestamp|postTimestamp|"
              "viewCount|sharedPostUrl|author", lambda n: [
                  f"https://www.linkedin.com/feed/update/urn:li:activity:71{n}", "", "Text", TEXTS[n], 1, 2, 0, "2d", "Post",
                  f"https://www.linkedin.com/in/u{n}/", iso(700), iso(n), "", "", f"Name {n}"]),
        account="Name 1", post="urn:li:activity:711", platform="linkedin"),
    "Apify, comments of Instagram": Odd(
        json.dumps(listed(lambda n: {
            "postUrl": "https://www.instagram.com/p/Cx/", "commentUrl": f"https://www.instagram.com/p/Cx/c/{n}", "id": f"180{n}",
            "text": TEXTS[n], "ownerUsername": f"u{n}", "ownerProfilePicUrl": "https://scontent.cdninstagram.com/v/t51.2885-19/a.jpg",
            "timestamp": at(n, "%Y-%m-%dT%H:%M:%S.000Z"), "repliesCount": 0, "replies": [], "likesCount": 1})).encode(),
        account="u1", post="1801", platform="instagram"),
    "TGStat": Odd(
        table("Дата|Канал|Ссылка на пост|Текст поста|Просмотры|Репосты|ERR", lambda n: [
            at(n, "%d.%m.%Y %H:%M:%S"), f"@chan{n}", f"https://t.me/chan{n}/{n + 9}", TEXTS[n], 5, 1, "2%"],
            delimiter=";", encoding="utf-8-sig"), account="@chan1", post="chan1/10", platform="telegram"),
    "a Spanish monitoring service": Odd(
        table("Fecha|Usuario|Texto del tuit|URL del tuit|Retuits", lambda n: [
            at(n, "%d/%m/%Y %H:%M:%S"), f"@u{n}", TEXTS[n], f"https://x.com/u{n}/status/{TWEET.format(n)}", 4],
            delimiter=";", encoding="cp1252"), account="@u1", post=TWEET.format(1), platform="x"),
    "tildes": Odd(table("id|author|created_at|text", lambda n: [n, f"u{n}", iso(n), TEXTS[n]], delimiter="~"), account="u1", post="1"),
    "unit separators": Odd(
        table("id|author|created_at|text", lambda n: [n, f"u{n}", iso(n), TEXTS[n]], delimiter="\x1f"), account="u1", post="1"),
    "single quotation marks": Odd(
        ("'id';'author';'created_at';'text'\n"
         + "\n".join(f"'{n}';'u{n}';'{iso(n)}';'it''s; \"{TEXTS[n]}\"'" for n in range(N))).encode(),
        account="u1", post="1", more={"text": f"it's; \"{TEXTS[1]}\""}),
    "single ones with backslashes, texts alone": Odd(
        ("id,author,created_at,text\n" + "\n".join(f"{n},'u{n}','{iso(n)}','it\\'s, {TEXTS[n]}'" for n in range(N)) + "\n").encode(),
        account="u1", post="1", more={"text": f"it's, {TEXTS[1]}"}),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_files_of_more_tools_languages_and_packings(intake, name: str) -> None:
    odd = ODD[name]
    got = intake(odd.content)
    assert (got.intake.n_posts, got.rejects) == (N, [])
    second = got.posts.sort("created_at").row(1, named=True)
    assert (second["account_id"], second["platform"]) == (odd.account, odd.platform)
    assert second["created_at"] == FIRST + timedelta(seconds=3)
    assert second["post_id"] == odd.post if odd.post else second["post_id"].startswith("h")
    assert (second["urls"], second["hashtags"], second["media"]) == ([LINKS[1]], ["tag1"], [])
    assert {key: second[key] for key in ("text", "repost_of")} == {"text": TEXTS[1], "repost_of": None, **odd.more}


def test_retweets_of_rtweet_name_their_original(intake) -> None:
    got = intake(ODD["rtweet"].content)
    assert got.posts.sort("created_at")["repost_of"].to_list() == [None] * 4 + [TWEET.format(9)] * 2


PROFILE = {"created_at": "2015-01-01T00:00:00Z", "followers": 5}


@pytest.mark.parametrize("name", ["posts", "tweets", "latest"])
@pytest.mark.parametrize("about", [{}, {"description": "about me"}, {"bio": "about me"}])
def test_profiles_with_a_time_of_their_own_are_not_the_posts_in_them(intake, name: str, about: dict[str, str]) -> None:
    people = listed(lambda n: {"id": f"90{n}", "username": f"u{n}", **PROFILE, **about, name: [
        {"id": f"p{n}{k}", "created_at": iso(2 * n + k), "text": TEXTS[n]} for k in range(2)]})  # fmt: skip
    got = intake(json.dumps(people))
    assert got.column("account_id") == [f"u{n}" for n in range(N) for _ in range(2)]
    assert got.column("post_id") == [f"p{n}{k}" for n in range(N) for k in range(2)]
    assert got.column("created_at")[1] == FIRST + timedelta(seconds=3)


def test_posts_with_answers_in_them_stay_the_posts(intake) -> None:
    posts = listed(lambda n: {"id": f"p{n}", "username": f"u{n}", "created_at": iso(n), "description": TEXTS[n], "comments": [
        {"id": f"c{n}{k}", "created_at": iso(n + k), "text": "an answer", "username": "v"} for k in range(2)]})  # fmt: skip
    got = intake(json.dumps(posts))
    assert got.column("post_id") == [f"p{n}" for n in range(N)]
    assert got.column("text") == TEXTS


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Q&amp;A", "Q&A"),
        ("&quot;so&quot; it&#39;s https://n.example/?a=1&amp;b=2", '"so" it\'s https://n.example/?a=1&b=2'),
        ("1 &lt; 2", "1 < 2"),
        ("write &amp; for &", "write &amp; for &"),
        ("<b> is &lt;b&gt;", "<b> is &lt;b&gt;"),
        ("R&D", "R&D"),
        ("&copy; and &amp;", "&copy; and &amp;"),
    ],
)
def test_entities_in_one_text_of_many_are_resolved_where_an_export_wrote_them(intake, written: str, seen: str) -> None:
    rows = [f"{n},u{n},{iso(n)},plain words" for n in range(40)]
    got = intake(
        "\n".join(["id,author,created_at,text", *rows, f'99,v,{iso(50)},"{written.replace(chr(34), chr(34) * 2)}"'])
    )
    assert got.column("text") == ["plain words"] * 40 + [seen]


def test_apostrophes_in_texts_are_no_quotation_marks(intake) -> None:
    texts = ["'so', he said", "it's 'fine'", "'yes'", "rock 'n' roll", "'no', she said", "'", "the boys' ball"]
    rows = [f'{n},u{n},{iso(n)},"{text}"' for n, text in enumerate(texts)]
    got = intake("\n".join(["id,author,created_at,text", *rows]))
    assert got.column("text") == texts
    bare = [f"{n};u{n};{iso(n)};{text}" for n, text in enumerate(texts)]
    assert intake("\n".join(["id;author;created_at;text", *bare])).column("text") == texts


def test_single_quotation_marks_are_undone_wherever_the_file_is_cut(intake) -> None:
    rows = [f"'{n}','u{n}','{iso(n % 50)}','it''s \"{n}\", and\nmore'" for n in range(30_000)]
    got = intake("\n".join(["id,author,created_at,text", *rows]), chunk_rows=1_000)
    found = dict(zip(got.column("post_id"), got.column("text"), strict=True))
    assert found == {str(n): f'it\'s "{n}", and\nmore' for n in range(30_000)}
    assert "ingest.single-quotes" in [note.code for note in got.intake.files[0].notes]
