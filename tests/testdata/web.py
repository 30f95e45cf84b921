"""Pages, feeds and web archives, made up."""

from __future__ import annotations

import gzip
import io
import zipfile

BODY = "The council voted on Tuesday evening to keep the old swimming pool on Harbour Street open for everybody. " * 3


def page(title: str, *, at: str = "2026-05-01T12:00:00Z", body: str = BODY, url: str = "") -> bytes:
    """An article as a site serves it."""
    link = f'<link rel="canonical" href="{url}">' if url else ""
    time = f'<meta property="article:published_time" content="{at}">' if at else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{link}{time}</head>'
        f"<body><article><h1>{title}</h1><p>{body}</p></article></body></html>"
    ).encode()


def answer(body: bytes, *, status: str = "200 OK", kind: str = "text/html; charset=utf-8", more: str = "") -> bytes:
    """What a server sends."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}\r\n".encode() + body


def record(content: bytes, *, kind: str = "response", url: str = "https://news.example/a", length: str = "") -> bytes:
    """One record of a web archive."""
    of = {"response": "application/http; msgtype=response", "resource": "text/html"}.get(kind, "application/http")
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-05-02T00:00:00Z\r\n"
        f"Content-Type: {of}\r\nContent-Length: {length or len(content)}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n\r\n"


def chunked(body: bytes, size: int = 100) -> bytes:
    """A body in chunks, as servers send it."""
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def wacz(records: list[bytes]) -> bytes:
    """A WACZ file: the archive, each record packed alone, and what stands beside it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.warc.gz", b"".join(gzip.compress(one, mtime=0) for one in records))
        archive.writestr("indexes/index.cdx.gz", gzip.compress(b"com,example)/ 2026 {}\n", mtime=0))
        archive.writestr("pages/pages.jsonl", b'{"format": "json-pages-1.0"}\n{"url": "https://news.example/a"}\n')
        archive.writestr("datapackage.json", b'{"profile": "data-package"}')
    return file.getvalue()


ALERTS = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:idx="urn:atom-extension:indexing"><id>tag:google.com,2005:reader/user/1/state/com.google/alerts/2</id>
<title>Google Alert - bridge</title><link href="https://www.google.com/alerts/feeds/1/2" rel="self"></link>
<updated>2026-05-01T12:05:00Z</updated>
<entry><id>tag:google.com,2013:googlealerts/feed:1</id><title type="html">The &lt;b&gt;bridge&lt;/b&gt; is closed for the whole of the summer</title>
<link href="https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://www.alder.example/a%3Fid%3D7&amp;ct=ga&amp;cd=CAIy&amp;usg=AOv"></link>
<published>2026-05-01T12:00:00Z</published><updated>2026-05-01T12:00:00Z</updated>
<content type="html">Nobody knows when the &lt;b&gt;bridge&lt;/b&gt; will open again, says the council.</content><author><name></name></author></entry>
</feed>
"""
"""A feed of Google Alerts: links go through Google."""

NITTER = """<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel><title>Maple / @maple</title>
<link>https://nitter.example/maple</link><description>Feed</description>
<item><title>the bridge is closed nitter.example/search?q=%23town news.example/a</title><dc:creator>@maple</dc:creator>
<description><![CDATA[<p>the bridge is closed <a href="https://nitter.example/search?q=%23town">#town</a>
<a href="https://news.example/a">news.example/a</a></p>]]></description><pubDate>Fri, 01 May 2026 12:00:00 GMT</pubDate>
<guid>https://nitter.example/maple/status/1790000000000000001#m</guid><link>https://nitter.example/maple/status/1790000000000000001#m</link></item>
<item><title>RT by @maple: market day</title><dc:creator>@other</dc:creator><description><![CDATA[<p>market day</p>]]></description>
<pubDate>Fri, 01 May 2026 12:01:00 GMT</pubDate>
<link>https://nitter.example/other/status/1790000000000000002#m</link></item></channel></rss>
"""
"""Posts of X as Nitter shows them, one of them a repost."""

SOCIAL = """<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>
<item><guid isPermaLink="true">https://town.social/@ann/110000000000000001</guid><link>https://town.social/@ann/110000000000000001</link>
<pubDate>Fri, 01 May 2026 12:00:00 +0000</pubDate><description>&lt;p&gt;look &lt;a href="https://news.example/b"&gt;here&lt;/a&gt; #town&lt;/p&gt;</description></item>
<item><link>https://bsky.app/profile/ben.example/post/3k</link><description>sky post https://news.example/b</description>
<pubDate>01 May 2026 12:01 +0000</pubDate><guid isPermaLink="false">at://did:plc:x/app.bsky.feed.post/3k</guid></item>
<item><title>post</title><link>https://t.me/townnews/42</link><description>telegram post</description>
<pubDate>Fri, 01 May 2026 12:02:00 GMT</pubDate></item></channel></rss>
"""
"""Posts of three platforms as their feeds and RSSHub write them."""
