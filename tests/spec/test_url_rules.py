"""What counts as one web page, drawn as a table: address as written, canonical form (None = not a web page).

Every address here is made up. The reasons stand in ``docs/methods/urls.md`` and ``dideban/traces/url_rules.py``.
"""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.traces import canonical_url, is_shortener, registrable_domain
from dideban.traces.url_rules import TRACKING_EXACT, TRACKING_PREFIXES

RLM, ZWNJ, ZWSP, PDI, ACUTE = "\u200f", "\u200c", "\u200b", "\u2069", "\u0301"

PARSING = [
    ("https://example.org/a", "https://example.org/a"),
    ("http://example.org/a", "https://example.org/a"),
    ("HTTPS://EXAMPLE.ORG/A", "https://example.org/A"),
    ("hTtP://eXample.Org", "https://example.org/"),
    ("https://example.org", "https://example.org/"),
    ("https://example.org?a=1", "https://example.org/?a=1"),
    ("  https://example.org/a \n", "https://example.org/a"),
    ("https://exam\tple.org/a\nb", "https://example.org/ab"),
    ("https:\\\\example.org\\a\\b", "https://example.org/a/b"),
    ("https:/example.org/a", "https://example.org/a"),
    ("https:example.org/a", "https://example.org/a"),
    ("//example.org/a", "https://example.org/a"),
    ("example.org/a", "https://example.org/a"),
    ("www.example.org", "https://example.org/"),
    ("example.org:8080/a", "https://example.org:8080/a"),
    ("http.example.org/a", "https://http.example.org/a"),
    ("https://user:secret@example.org/a", "https://example.org/a"),
    ("https://user@example.org/a", "https://example.org/a"),
    ("https://example.org@evil.example/a", "https://evil.example/a"),
    ("https://example.org:443/a", "https://example.org/a"),
    ("http://example.org:80/a", "https://example.org/a"),
    ("http://example.org:443/a", "https://example.org/a"),
    ("https://example.org:80/a", "https://example.org/a"),
    ("https://example.org:8443/a", "https://example.org:8443/a"),
    ("https://example.org:/a", "https://example.org/a"),
    ("https://example.org./a", "https://example.org/a"),
    ("https://example.org.:8443/a", "https://example.org:8443/a"),
    ("http://192.0.2.7/a", "https://192.0.2.7/a"),
    ("http://0xC0.0x00.0x02.0x07/a", "https://192.0.2.7/a"),
    ("http://3221225991/a", "https://192.0.2.7/a"),
    ("http://192.0.2.7:8080/a", "https://192.0.2.7:8080/a"),
    ("http://[2001:DB8:0:0::1]/a", "https://[2001:db8::1]/a"),
    ("http://[2001:db8::1]:8080/a", "https://[2001:db8::1]:8080/a"),
    ("http://localhost/a", "https://localhost/a"),
    ("https://ex_ample.example.org/a", "https://ex_ample.example.org/a"),
]

PATHS = [
    ("https://example.org/a/", "https://example.org/a"),
    ("https://example.org/a//", "https://example.org/a"),
    ("https://example.org//a///b", "https://example.org/a/b"),
    ("https://example.org/a/./b", "https://example.org/a/b"),
    ("https://example.org/a/../b", "https://example.org/b"),
    ("https://example.org/../../b", "https://example.org/b"),
    ("https://example.org/a/%2e%2e/b", "https://example.org/b"),
    ("https://example.org/index.html", "https://example.org/"),
    ("https://example.org/a/index.php", "https://example.org/a"),
    ("https://example.org/a/Index.HTM", "https://example.org/a"),
    ("https://example.org/index.php?id=7", "https://example.org/?id=7"),
    ("https://example.org/index.html/index.html", "https://example.org/"),
    ("https://example.org/index.php/story", "https://example.org/index.php/story"),
    ("https://example.org/my-index.html", "https://example.org/my-index.html"),
    ("https://example.org/A/b", "https://example.org/A/b"),
    ("https://example.org/a;jsessionid=1F2E", "https://example.org/a"),
    ("https://example.org/a;JSESSIONID=1F2E/b", "https://example.org/a/b"),
    ("https://example.org/a;v=2", "https://example.org/a;v=2"),
    ("https://example.org/..;jsessionid=1/a", "https://example.org/..;jsessionid=1/a"),
    ("https://example.org/%7Eana", "https://example.org/~ana"),
    ("https://example.org/a%2Db%5Fc", "https://example.org/a-b_c"),
    ("https://example.org/a%2fb", "https://example.org/a%2Fb"),
    ("https://example.org/a%20b", "https://example.org/a%20b"),
    ("https://example.org/a b", "https://example.org/a%20b"),
    ("https://example.org/a+b", "https://example.org/a+b"),
    ("https://example.org/a%2Bb", "https://example.org/a+b"),
    ("https://example.org/Ana_%28poet%29", "https://example.org/Ana_(poet)"),
    ("https://example.org/Ana_(poet)", "https://example.org/Ana_(poet)"),
    ("https://example.org/a|b", "https://example.org/a%7Cb"),
    ("https://example.org/a%7cb", "https://example.org/a%7Cb"),
    ("https://example.org/100%", "https://example.org/100%25"),
    ("https://example.org/100%25", "https://example.org/100%25"),
    ("https://example.org/%zz", "https://example.org/%25zz"),
    ("https://example.org/a%3Fb", "https://example.org/a%3Fb"),
    ("https://example.org/a%23b", "https://example.org/a%23b"),
    ("https://example.org/%00", "https://example.org/%00"),
    ("https://example.org/%ff%fe", "https://example.org/%FF%FE"),
    ("https://example.org/caf%C3%A9", "https://example.org/café"),
    (f"https://example.org/cafe{ACUTE}", "https://example.org/café"),
    ("https://example.org/cafe%CC%81", "https://example.org/café"),
    (f"https://example.org/%1A{ACUTE}", f"https://example.org/%1A{ACUTE}"),
    ("https://example.org/%E1%BF%AF", "https://example.org/%60"),
    ("https://example.org/%F0%9F%98%80", "https://example.org/😀"),
]

RIGHT_TO_LEFT = [
    ("https://example.ir/%D8%B3%D9%84%D8%A7%D9%85", "https://example.ir/سلام"),
    ("https://example.ir/%d8%b3%d9%84%d8%a7%d9%85", "https://example.ir/سلام"),
    ("https://example.ir/سلام", "https://example.ir/سلام"),
    ("example.ir/سلام/", "https://example.ir/سلام"),
    ("https://www.example.ir/fa/news/12/%D8%A8%D8%A7%D8%B2%D8%A7%D8%B1", "https://example.ir/fa/news/12/بازار"),
    ("https://example.ir/کتاب", "https://example.ir/کتاب"),
    ("https://example.ir/كتاب", "https://example.ir/كتاب"),
    (f"https://example.ir/می{ZWNJ}شود", f"https://example.ir/می{ZWNJ}شود"),
    ("https://example.ir/%D9%85%DB%8C%E2%80%8C%D8%B4%D9%88%D8%AF", f"https://example.ir/می{ZWNJ}شود"),
    (f"https://example.ir/a{ZWNJ}b", "https://example.ir/a%E2%80%8Cb"),
    ("https://example.ir/a%E2%80%8Cb", "https://example.ir/a%E2%80%8Cb"),
    (f"{RLM}https://example.ir/a{RLM}", "https://example.ir/a"),
    (f"https://example.ir/a{PDI}", "https://example.ir/a"),
    (f"{ZWSP}https://example.ir/a", "https://example.ir/a"),
    (f"https://example.ir/a{RLM}b", "https://example.ir/a%E2%80%8Fb"),
    ("https://example.ir/%E2%80%AEgpj.exe", "https://example.ir/%E2%80%AEgpj.exe"),
    ("https://example.ir/?q=%D8%B3%D9%84%D8%A7%D9%85", "https://example.ir/?q=سلام"),
    ("https://example.ir/?q=سلام+دنیا", "https://example.ir/?q=سلام%20دنیا"),
    ("https://example.ir/?q=سلام%20دنیا", "https://example.ir/?q=سلام%20دنیا"),
    ("https://example.ir/?q=%D3%E1%C7%E3", "https://example.ir/?q=%D3%E1%C7%E3"),
    ("https://example.ir/?موضوع=خبر&utm_source=x", "https://example.ir/?موضوع=خبر"),
    ("https://مثال.ایران/", "https://مثال.ایران/"),
    ("https://xn--mgbh0fb.xn--mgba3a4f16a/", "https://مثال.ایران/"),
    ("https://XN--MGBH0FB.XN--MGBA3A4F16A/خبر", "https://مثال.ایران/خبر"),
    ("https://www.xn--mgbh0fb.xn--mgba3a4f16a/", "https://مثال.ایران/"),
    ("مثال.ایران/خبر", "https://مثال.ایران/خبر"),
    ("https://موقع.وزارة-الاتصالات.مصر/ا", "https://موقع.وزارة-الاتصالات.مصر/ا"),
    ("https://example.org/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1", "https://example.org/أخبار"),
    ("https://example.org/مقال-١٢٣", "https://example.org/مقال-١٢٣"),
    ("https://m.example.ir/خبر?utm_source=تلگرام", "https://example.ir/خبر"),
    ("https://bücher.example/ß", "https://bücher.example/ß"),
    ("https://xn--bcher-kva.example/", "https://bücher.example/"),
    ("https://faß.example/", "https://faß.example/"),
    ("https://ＥＸＡＭＰＬＥ．org/", "https://example.org/"),
]

QUERIES = [
    ("https://example.org/?b=2&a=1", "https://example.org/?a=1&b=2"),
    ("https://example.org/?a=2&a=1", "https://example.org/?a=1&a=2"),
    ("https://example.org/?", "https://example.org/"),
    ("https://example.org/?&&a=1&", "https://example.org/?a=1"),
    ("https://example.org/?a=", "https://example.org/?a"),
    ("https://example.org/?a", "https://example.org/?a"),
    ("https://example.org/?=1", "https://example.org/"),
    ("https://example.org/?a=1&amp;b=2", "https://example.org/?a=1&b=2"),
    ("https://example.org/?a=1&amp;amp;utm_source=x", "https://example.org/?a=1"),
    ("https://example.org/?q=a+b", "https://example.org/?q=a%20b"),
    ("https://example.org/?q=a%2Bb", "https://example.org/?q=a%2Bb"),
    ("https://example.org/?q=a%26b", "https://example.org/?q=a%26b"),
    ("https://example.org/?q=a%3Db", "https://example.org/?q=a%3Db"),
    ("https://example.org/?q=a=b", "https://example.org/?q=a%3Db"),
    ("https://example.org/?q=%41", "https://example.org/?q=A"),
    ("https://example.org/?q=A&Q=a", "https://example.org/?Q=a&q=A"),
    ("https://example.org/?id=7&page=2", "https://example.org/?id=7&page=2"),
    ("https://example.org/?p=12&lang=fa", "https://example.org/?lang=fa&p=12"),
    ("https://example.org/?source=a", "https://example.org/?source=a"),
    ("https://example.org/story/?utm_source=x", "https://example.org/story"),
    ("https://example.org/?UTM_Source=x&Fbclid=y", "https://example.org/"),
    ("https://example.org/?utm_whatever=x", "https://example.org/"),
    ("https://example.org/?utm=x", "https://example.org/?utm=x"),
    ("https://example.org/?fbclid=IwAR0", "https://example.org/"),
    ("https://example.org/?gclid=1&gbraid=2&wbraid=3&dclid=4", "https://example.org/"),
    ("https://example.org/?igsh=1&igshid=2", "https://example.org/"),
    ("https://example.org/?si=abc", "https://example.org/"),
    ("https://example.org/?ref=home&ref_src=twsrc", "https://example.org/"),
    ("https://example.org/?reference=7", "https://example.org/?reference=7"),
    ("https://example.org/?mc_cid=1&mc_eid=2", "https://example.org/"),
    ("https://example.org/?yclid=1&ysclid=2&_openstat=3", "https://example.org/"),
    ("https://example.org/?_ga=1.2&_gl=3", "https://example.org/"),
    ("https://example.org/?spm=a1.b2&scm=3", "https://example.org/"),
    ("https://example.org/?msclkid=1&ttclid=2&twclid=3&li_fat_id=4", "https://example.org/"),
    ("https://example.org/?at_medium=x&at_campaign=y&at_custom9=z", "https://example.org/"),
    ("https://example.org/?ns_mchannel=social&smid=tw-share", "https://example.org/"),
    ("https://example.org/?PHPSESSID=1", "https://example.org/"),
    ("https://example.org/?pk_campaign=x&mtm_source=y", "https://example.org/"),
    ("https://example.org/?%75tm_source=x", "https://example.org/"),
    ("https://github.com/o/r/file?ref=main", "https://github.com/o/r/file?ref=main"),
    ("https://example.org/?7", "https://example.org/?7"),
]

FRAGMENTS = [
    ("https://example.org/a#top", "https://example.org/a"),
    ("https://example.org/a#:~:text=word", "https://example.org/a"),
    ("https://example.org/a#/route", "https://example.org/a"),
    ("https://example.org/#!/story/7", "https://example.org/#!/story/7"),
    ("https://example.org/a#!b", "https://example.org/a#!b"),
    ("https://example.org/a?x=1#!خبر", "https://example.org/a?x=1#!خبر"),
    ("https://example.org/a#!%D8%AE", "https://example.org/a#!خ"),
    ("https://example.org/a#", "https://example.org/a"),
]

HOSTS = [
    ("https://www.example.org/", "https://example.org/"),
    ("https://www.www.example.org/", "https://example.org/"),
    ("https://m.example.org/a", "https://example.org/a"),
    ("https://mobile.example.org/a", "https://example.org/a"),
    ("https://touch.example.org/a", "https://example.org/a"),
    ("https://www.m.example.org/a", "https://example.org/a"),
    ("https://amp.example.org/a", "https://example.org/a"),
    ("https://news.example.org/a", "https://news.example.org/a"),
    ("https://mobile.de/", "https://mobile.de/"),
    ("https://m.me/", "https://m.me/"),
    ("https://amp.dev/", "https://amp.dev/"),
    ("https://www.com/", "https://www.com/"),
    ("https://www.gov.uk/guidance", "https://www.gov.uk/guidance"),
    ("https://www.blogspot.com/", "https://www.blogspot.com/"),
    ("https://m.ana.blogspot.com/2024/a", "https://ana.blogspot.com/2024/a"),
    ("https://ana.blogspot.com/2024/a?m=1", "https://ana.blogspot.com/2024/a?m=1"),
]

AMP = [
    ("https://example.org/story/amp", "https://example.org/story"),
    ("https://example.org/story/amp/", "https://example.org/story"),
    ("https://example.org/amp/story", "https://example.org/story"),
    ("https://example.org/amp", "https://example.org/amp"),
    ("https://example.org/story.amp", "https://example.org/story"),
    ("https://example.org/story.amp.html", "https://example.org/story.html"),
    ("https://example.org/index.amp.html", "https://example.org/"),
    ("https://example.org/.amp/.amp/.amp", "https://example.org/"),
    ("https://example.org/story?amp", "https://example.org/story"),
    ("https://example.org/story?amp=1", "https://example.org/story"),
    ("https://example.org/story?AMP=True", "https://example.org/story"),
    ("https://example.org/story?outputType=amp", "https://example.org/story"),
    ("https://example.org/story?output=json", "https://example.org/story?output=json"),
    ("https://example.org/guitar/amps", "https://example.org/guitar/amps"),
    ("https://www.google.com/amp/s/www.example.org/a", "https://example.org/a"),
    ("https://www.google.com/amp/www.example.org/a?x=1", "https://example.org/a?x=1"),
    ("https://www.google.co.uk/amp/s/amp.example.org/a.amp", "https://example.org/a"),
    ("https://www-example-org.cdn.ampproject.org/c/s/www.example.org/a", "https://example.org/a"),
    ("https://cdn.ampproject.org/v/s/example.org/a?amp_js_v=0.1", "https://example.org/a"),
    ("https://example-ir.cdn.ampproject.org/c/s/example.ir/خبر", "https://example.ir/خبر"),
    ("https://cdn.ampproject.org/", "https://cdn.ampproject.org/"),
    ("https://cdn.ampproject.org/rtv/0123/v0.js", "https://cdn.ampproject.org/rtv/0123/v0.js"),
]

REDIRECTS = [
    ("https://www.google.com/url?q=https%3A%2F%2Fexample.org%2Fa%3Fb%3D1&sa=D", "https://example.org/a?b=1"),
    ("https://www.google.com/url?sa=t&url=http://example.org/a", "https://example.org/a"),
    ("https://www.google.com.tr/url?q=http://example.org/", "https://example.org/"),
    ("https://www.google.com/search?q=example", "https://google.com/search?q=example"),
    ("https://google.evil.example/url?q=http://example.org/", "https://google.evil.example/url?q=http://example.org/"),
    ("https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2F%3Ffbclid%3DIw&h=AT0", "https://example.org/"),
    ("https://lm.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fa", "https://example.org/a"),
    ("https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fexample.org%2Fa", "https://example.org/a"),
    ("https://l.instagram.com/?u=https%3A%2F%2Fexample.org%2Fa&e=x", "https://example.org/a"),
    ("https://twitter.com/intent/tweet?url=https%3A%2F%2Fexample.org%2Fa&text=b", "https://example.org/a"),
    ("https://t.me/share/url?url=https://example.org/a&text=b", "https://example.org/a"),
    ("https://t.me/iv?url=https%3A%2F%2Fexample.org%2Fa&rhash=12", "https://example.org/a"),
    ("https://vk.com/away.php?to=https%3A%2F%2Fexample.org%2Fa", "https://example.org/a"),
    ("https://out.reddit.com/t3_abc?url=https%3A%2F%2Fexample.org%2Fa&token=1", "https://example.org/a"),
    ("https://www.youtube.com/redirect?event=v&q=https%3A%2F%2Fexample.org%2Fa", "https://example.org/a"),
    ("https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fa", "https://example.org/a"),
    (
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fexample.org%252Fa",
        "https://example.org/a",
    ),
    ("https://www.google.com/url?q=https%3A%2F%2Fexample.ir%2F%25D8%25AE", "https://example.ir/خ"),
    ("https://www.google.com/url?q=https%3A%2F%2Fexample.ir%2F%25D3%25E1", "https://example.ir/%D3%E1"),
    ("https://www.google.com/url?q=javascript:alert(1)", "https://google.com/url?q=javascript:alert(1)"),
    ("https://example.org/login?url=https://example.com/", "https://example.org/login?url=https://example.com/"),
    ("https://www.google.com/url?q=https://[bad", None),
]

SITES = [
    ("https://youtu.be/abcDEF12_-3", "https://youtube.com/watch?v=abcDEF12_-3"),
    ("https://youtu.be/abcDEF12_-3?t=42&si=x", "https://youtube.com/watch?v=abcDEF12_-3"),
    ("https://www.youtube.com/watch?v=abcDEF12_-3&t=42s&list=PL1&index=2", "https://youtube.com/watch?v=abcDEF12_-3"),
    ("https://m.youtube.com/watch?app=desktop&v=abcDEF12_-3", "https://youtube.com/watch?v=abcDEF12_-3"),
    ("https://youtube.com/shorts/abcDEF12_-3?feature=share", "https://youtube.com/watch?v=abcDEF12_-3"),
    ("https://www.youtube.com/embed/abcDEF12_-3?rel=0", "https://youtube.com/watch?v=abcDEF12_-3"),
    ("https://www.youtube-nocookie.com/embed/abcDEF12_-3", "https://youtube.com/watch?v=abcDEF12_-3"),
    ("https://www.youtube.com/live/abcDEF12_-3?si=x", "https://youtube.com/watch?v=abcDEF12_-3"),
    ("https://music.youtube.com/watch?v=abcDEF12_-3", "https://youtube.com/watch?v=abcDEF12_-3"),
    ("https://www.youtube.com/playlist?list=PL1&si=x", "https://youtube.com/playlist?list=PL1"),
    ("https://www.youtube.com/@SomeName?si=x", "https://youtube.com/@somename"),
    ("https://www.youtube.com/results?search_query=a+b", "https://youtube.com/results?search_query=a%20b"),
    ("https://t.me/SomeChannel/12", "https://t.me/somechannel/12"),
    ("https://t.me/s/SomeChannel/12", "https://t.me/somechannel/12"),
    ("https://telegram.me/somechannel/12?single", "https://t.me/somechannel/12"),
    ("https://telegram.dog/somechannel/12", "https://t.me/somechannel/12"),
    ("t.me/somechannel", "https://t.me/somechannel"),
    ("tg://resolve?domain=SomeChannel&post=12", "https://t.me/somechannel/12"),
    ("tg://resolve?domain=SomeChannel", "https://t.me/somechannel"),
    ("tg:resolve?domain=SomeChannel", "https://t.me/somechannel"),
    ("tg://join?invite=abc", None),
    ("https://t.me/joinchat/AbCd", "https://t.me/joinchat/AbCd"),
    ("https://t.me/+AbCd", "https://t.me/+AbCd"),
    ("https://t.me/c/123/45", "https://t.me/c/123/45"),
    ("https://t.me/proxy?server=a&port=1&secret=b", "https://t.me/proxy?port=1&secret=b&server=a"),
    ("https://twitter.com/SomeName/status/1234567890", "https://x.com/i/status/1234567890"),
    ("https://x.com/somename/status/1234567890?s=20&t=ab", "https://x.com/i/status/1234567890"),
    ("https://mobile.twitter.com/somename/status/1234567890/photo/1", "https://x.com/i/status/1234567890"),
    ("https://x.com/i/web/status/1234567890", "https://x.com/i/status/1234567890"),
    ("https://twitter.com/#!/somename/status/1234567890", "https://x.com/i/status/1234567890"),
    ("https://fxtwitter.com/somename/status/1234567890", "https://x.com/i/status/1234567890"),
    ("https://vxtwitter.com/somename/status/1234567890", "https://x.com/i/status/1234567890"),
    ("https://nitter.net/somename/status/1234567890#m", "https://x.com/i/status/1234567890"),
    ("https://twitter.com/SomeName?lang=fa", "https://x.com/somename"),
    ("https://x.com/search?q=a&src=typed_query&f=live", "https://x.com/search?q=a"),
    ("https://twitter.com/intent/tweet?text=a%20b", "https://x.com/intent/tweet?text=a%20b"),
    (
        "https://m.facebook.com/story.php?story_fbid=11&id=22&m_entstream=1",
        "https://facebook.com/permalink.php?id=22&story_fbid=11",
    ),
    (
        "https://www.facebook.com/permalink.php?id=22&story_fbid=11&__tn__=-R",
        "https://facebook.com/permalink.php?id=22&story_fbid=11",
    ),
    ("https://fa-ir.facebook.com/SomePage/posts/11", "https://facebook.com/somepage/posts/11"),
    ("https://www.facebook.com/SomePage/videos/33/", "https://facebook.com/watch?v=33"),
    ("https://www.facebook.com/watch/?v=33&ref=sharing", "https://facebook.com/watch?v=33"),
    ("https://www.facebook.com/reel/33", "https://facebook.com/watch?v=33"),
    ("https://mbasic.facebook.com/photo.php?fbid=44&set=a.1&type=3", "https://facebook.com/photo?fbid=44"),
    ("https://www.facebook.com/groups/SomeGroup/permalink/55/", "https://facebook.com/groups/somegroup/posts/55"),
    ("https://www.facebook.com/profile.php?id=66&sk=about", "https://facebook.com/profile.php?id=66"),
    ("https://fb.com/SomePage", "https://facebook.com/somepage"),
    ("https://www.instagram.com/p/AbC_1/?igsh=x", "https://instagram.com/p/AbC_1"),
    ("https://www.instagram.com/reel/AbC_1/", "https://instagram.com/p/AbC_1"),
    ("https://www.instagram.com/somename/p/AbC_1/", "https://instagram.com/p/AbC_1"),
    ("https://instagr.am/p/AbC_1", "https://instagram.com/p/AbC_1"),
    ("https://www.instagram.com/SomeName/?hl=fa", "https://instagram.com/somename"),
    ("https://www.reddit.com/r/Sub/comments/1abc2/some_slug/", "https://reddit.com/comments/1abc2"),
    ("https://old.reddit.com/r/sub/comments/1abc2/", "https://reddit.com/comments/1abc2"),
    ("https://np.reddit.com/comments/1abc2", "https://reddit.com/comments/1abc2"),
    ("https://redd.it/1abc2", "https://reddit.com/comments/1abc2"),
    (
        "https://www.reddit.com/r/sub/comments/1abc2/slug/k9z8/?context=3",
        "https://reddit.com/comments/1abc2/comment/k9z8",
    ),
    ("https://www.reddit.com/r/sub/comments/1abc2/comment/k9z8/", "https://reddit.com/comments/1abc2/comment/k9z8"),
    ("https://www.reddit.com/r/SUB/", "https://reddit.com/r/sub"),
    ("https://fa.m.wikipedia.org/wiki/%D8%AA%D9%87%D8%B1%D8%A7%D9%86", "https://fa.wikipedia.org/wiki/تهران"),
    ("https://fa.wikipedia.org/w/index.php?title=تهران", "https://fa.wikipedia.org/wiki/تهران"),
    ("https://fa.wikipedia.org/w/index.php?title=تهران&utm_source=x", "https://fa.wikipedia.org/wiki/تهران"),
    ("https://en.wikipedia.org/wiki/Mill Street", "https://en.wikipedia.org/wiki/Mill_Street"),
    ("https://en.wikipedia.org/w/index.php?title=A&oldid=7", "https://en.wikipedia.org/w?oldid=7&title=A"),
    (
        "https://de.linkedin.com/posts/some-name_word-activity-7100000000000000000-AbCd",
        "https://linkedin.com/feed/update/urn:li:activity:7100000000000000000",
    ),
    (
        "https://www.linkedin.com/feed/update/urn:li:activity:7100000000000000000/?trk=x",
        "https://linkedin.com/feed/update/urn:li:activity:7100000000000000000",
    ),
    ("https://open.spotify.com/intl-de/track/AbC?si=x", "https://open.spotify.com/track/AbC"),
    ("https://www.tiktok.com/@name/video/77?is_from_webapp=1", "https://tiktok.com/@name/video/77"),
    ("https://bit.ly/3AbCd?utm_source=x", "https://bit.ly/3AbCd"),
    ("https://bit.ly/3abcd", "https://bit.ly/3abcd"),
    ("https://t.co/AbCd", "https://t.co/AbCd"),
]

NOT_PAGES = [
    ("", None),
    ("   ", None),
    (RLM + ZWSP, None),
    ("nan", None),
    ("None", None),
    ("file.txt", None),
    ("3.14", None),
    ("@name", None),
    ("#tag", None),
    ("javascript:alert(document.cookie)", None),
    ("JaVaScRiPt:alert(1)//https://example.org", None),
    ("data:text/html,<script>alert(1)</script>", None),
    ("mailto:ana@example.org", None),
    ("ana@example.org", None),
    ("ftp://example.org/a", None),
    ("file:///etc/passwd", None),
    ("tel:+100", None),
    ("magnet:?xt=urn:btih:abc", None),
    ("about:blank", None),
    ("blob:https://example.org/abc", None),
    ("view-source:https://example.org", None),
    ("ws://example.org/", None),
    ("http://", None),
    ("https:///", None),
    ("https://?", None),
    ("https://./", None),
    ("https://example .org/", None),
    ("https://exa<mple.org/", None),
    ("https://example.org:99999/", None),
    ("https://[::1/", None),
    ("https://256.256.256.256/", None),
    ("https://xn--a/", "https://xn--a/"),
    ("https://\u202eexample.org/", None),
    ("https://example.org/\ud800", None),
    ("https://example.org/" + "a" * 8192, None),
    ("https://example.org/" + "ا" * 5000, None),
    ('=HYPERLINK("https://example.org")', None),
    ("https://example.org/<script>alert(1)</script>", "https://example.org/%3Cscript%3Ealert(1)%3C/script%3E"),
    ('https://example.org/"onload="x', "https://example.org/%22onload=%22x"),
    ("https://example.org/?q=<b>&r='", "https://example.org/?q=%3Cb%3E&r='"),
    ("https://example.org/\x1b[31m", "https://example.org/%1B%5B31m"),
    ("https://example.org/\x00", "https://example.org/"),
]

CASES = PARSING + PATHS + RIGHT_TO_LEFT + QUERIES + FRAGMENTS + HOSTS + AMP + REDIRECTS + SITES + NOT_PAGES


@pytest.mark.parametrize(("written", "expected"), CASES)
def test_canonical_form(written: str, expected: str | None) -> None:
    assert canonical_url(written) == expected


@pytest.mark.parametrize("expected", sorted({expected for _, expected in CASES if expected}))
def test_canonical_form_is_its_own_canonical_form(expected: str) -> None:
    assert canonical_url(expected) == expected


@pytest.mark.parametrize(
    "written", ["tg://resolve?domain=a b", "https://example.org/" + "%" * 3000, "%" * 100, "a." * 900 + "org"]
)
def test_hostile_addresses_end_quietly(written: str) -> None:
    page = canonical_url(written)
    assert page is None or canonical_url(page) == page


def test_redirects_are_followed_only_so_deep() -> None:
    def nest(depth: int) -> str:
        return "https://www.google.com/url?q=" * depth + "https://example.org/a"

    assert canonical_url(nest(20)) == "https://example.org/a"
    assert canonical_url(nest(200)) is None


@pytest.mark.parametrize("host", ["bit.ly", "BIT.LY", "www.bit.ly", "t.co", "goo.su", "yun.ir"])
def test_shorteners_are_known(host: str) -> None:
    assert is_shortener(host)


@pytest.mark.parametrize("host", ["example.org", "habit.ly", "bit.ly.example.org", "x.com", ""])
def test_other_hosts_are_not_shorteners(host: str) -> None:
    assert not is_shortener(host)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("example.org", "example.org"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("News.Example.ORG", "example.org"),
        ("example.org.", "example.org"),
        ("ana.blogspot.com", "ana.blogspot.com"),
        ("a.ana.blogspot.com", "ana.blogspot.com"),
        ("ana.github.io", "ana.github.io"),
        ("blogspot.com", None),
        ("خبر.مثال.ایران", "مثال.ایران"),
        ("xn--mgbh0fb.xn--mgba3a4f16a", "xn--mgbh0fb.xn--mgba3a4f16a"),
        ("example.ac.ir", "example.ac.ir"),
        ("www.example.gov.ir", "example.gov.ir"),
        ("co.uk", None),
        ("org", None),
        ("localhost", None),
        ("192.0.2.7", None),
        ("[2001:db8::1]", None),
        ("", None),
        ("example.notasuffix", None),
    ],
)
def test_registrable_domain(host: str, expected: str | None) -> None:
    assert registrable_domain(host) == expected


PIECES = st.sampled_from(
    [
        "http://",
        "https://",
        "//",
        "www.",
        "m.",
        "amp.",
        "example.org",
        "twitter.com",
        "t.me",
        "facebook.com",
        "google.com",
    , 
        "reddit.com",
        "fa.m.wikipedia.org",
        "cdn.ampproject.org",
        "youtube.com",
        "/",
        "//",
        "/amp",
        "/amp/s/",
        "index.html",
    , 
        "?",
        "&",
        "=",
        "a",
        "%2F",
        "%20",
        "%E2%80%8C",
        "%1A",
        ACUTE,
        "\u0338",
        "\u037e",
        "\u1fef",
        ZWNJ,
        "س",
        "%D8%B3",
        "%ff",
        "%",
    , 
        "#",
        "#!",
        "..",
        "/./",
        "/status/123456",
        "/watch",
        "v=abcDEF12_-3",
        "utm_source=x",
        "url=",
        "q=",
        "u=",
        "title=X",
    , "https%3A%2F%2F", "/wiki/", "/w/index.php", "/url", "/l.php", "/comments/abc", ":80", ":443", ":8080", "user@", ";jsessionid=1", ".amp.html", "&amp;", "xn--mgbh0fb", "[::1]", "\\", "\t", "+", "ß", "..;sid=1", "\ud800", RLM]
)
ADDRESSES = st.lists(PIECES, min_size=1, max_size=14).map("".join)


@settings(max_examples=1500, deadline=None)
@given(ADDRESSES | st.text(max_size=80) | st.text(max_size=60).map("https://example.org/".__add__))
def test_any_text_has_a_settled_form_or_none(written: str) -> None:
    page = canonical_url(written)
    if page is not None:
        assert page.startswith("https://")
        assert canonical_url(page) == page
        assert not set(page) & set(' <>"`\x00\x1b\u202e\u2066\u200f\n')


NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=6).map("p".__add__)
VALUES = st.text(string.ascii_letters + string.digits + "سلام", max_size=6)
TRACKERS = st.sampled_from(sorted(TRACKING_EXACT)) | st.sampled_from(sorted(TRACKING_PREFIXES)).map(lambda p: p + "z")


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=5), st.lists(st.tuples(TRACKERS, VALUES), max_size=4), st.randoms())
def test_tracking_order_and_case_never_matter(
    pairs: dict[str, str], trackers: list[tuple[str, str]], chance: object
) -> None:
    pairs = {name: value for name, value in pairs.items() if not name.startswith(tuple(TRACKING_PREFIXES))}
    plain = "https://example.org/a?" + "&".join(f"{name}={value}" for name, value in pairs.items())
    mixed = [*pairs.items(), *((name.upper(), value) for name, value in trackers)]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    dressed = "HTTP://WWW.Example.ORG:80//a/?" + "&".join(f"{name}={value}" for name, value in mixed) + "#part"
    assert canonical_url(dressed) == canonical_url(plain)


@settings(max_examples=200, deadline=None)
@given(st.text("ابپتسلمنوهی" + ZWNJ + "abc-_.~()", max_size=12))
def test_percent_encoding_never_matters(name: str) -> None:
    encoded = "".join(f"%{byte:02x}" for byte in name.encode())
    assert canonical_url(f"https://example.ir/x{encoded}x") == canonical_url(f"https://example.ir/x{name}x")
