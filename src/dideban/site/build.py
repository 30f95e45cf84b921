"""The whole site as files: pages in, (path, content) out. No disk, no clock, no network."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from importlib.resources import files
from xml.sax.saxutils import escape, quoteattr

from markupsafe import Markup

from dideban.messages import locale
from dideban.site import pages
from dideban.site.address import address_of, checked_base
from dideban.site.cards import Teaser, card_of, correction_of, moment, place_link, words_of
from dideban.site.dates import stamp
from dideban.site.feeds import Entry, atom, entries_of, json_feed
from dideban.site.markdown import one_line
from dideban.site.pages import Chrome
from dideban.site.records import FOLDERS, PublishedItem, SiteInfo
from dideban.site.signing import PUBLIC, WITHDRAWN, WITHDRAWN_SIGNATURE, public_of, signature_of, withdrawn_of
from dideban.site.theme import theme_css

PER_PAGE, PAIRED, LATEST, PER_BLOCK = 30, 4, 4, 3
MOST_SEARCHED = 3_000
"""Pages that the search of a language knows, the newest."""
MOST_CORRECTIONS = 200
ASSETS = ("vazirmatn-arabic.woff2", "vazirmatn-license.txt", "mark.png", "search.js", "check.js")
SITEMAP_LIMIT = 45_000
File = tuple[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Site:
    """A site to be written."""

    info: SiteInfo
    items: Sequence[PublishedItem]
    signing_key: bytes | None = None
    _html: dict[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def standing(self) -> list[PublishedItem]:
        """What can be read, the newest first."""
        found = [one for one in self.items if not one.withdrawn and one.lang in self.info.languages]
        return sorted(found, key=lambda one: (-one.published_at.timestamp(), one.kind, one.slug, one.lang))

    @cached_property
    def by_language(self) -> dict[str, list[PublishedItem]]:
        """What can be read in each language."""
        found: dict[str, list[PublishedItem]] = {lang: [] for lang in self.info.languages}
        for one in self.standing:
            found[one.lang].append(one)
        return found

    @cached_property
    def ways(self) -> dict[tuple[str, str], dict[str, str]]:
        """Kind and slug to the path of the page in each language."""
        found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for one in self.standing:
            found[one.kind, one.slug][one.lang] = f"{one.folder}/index.html"
        return found

    @cached_property
    def updates(self) -> dict[str, datetime]:
        """Path to when the page last changed."""
        return {f"{one.folder}/index.html": one.updated_at for one in self.standing}

    def html_of(self, item: PublishedItem) -> str:
        """Return what there is to read in an item; made once."""
        if item.folder not in self._html:
            self._html[item.folder] = pages.body_of(item)
        return self._html[item.folder]

    def chrome(self, lang: str) -> Chrome:
        """Return what stands around the pages of a language."""
        latest = max((one.updated_at for one in self.items), default=None)
        shown = moment(latest, lang) if latest else None
        return Chrome(
            info=self.info, lang=lang, kinds=frozenset(one.kind for one in self.by_language[lang]),
            edition=f"{shown.first} · {shown.second}" if shown else "",
            has_transparency=bool(self.info.transparency.get(lang)),
        )  # fmt: skip


def site_files(site: Site) -> Iterator[File]:
    """Yield every file of the site but its manifest, in no particular order; the same site gives the same bytes.

    Raises
    ------
    InputError
        A base address or a theme that is not usable.
    """
    site = replace(site, info=replace(site.info, base_url=checked_base(site.info.base_url)))
    yield from _assets(site)
    yield "index.html", _tongues(site)
    for lang in site.info.languages:
        yield from _language(site, lang)
    for item in site.items:
        if item.withdrawn and item.lang in site.info.languages:
            yield f"{item.folder}/index.html", pages.gone(item, chrome=site.chrome(item.lang))
    yield from _for_programs(site)


def policies_of(site: Site) -> dict[str, str]:
    """Return the Content-Security-Policy of each page that has one of its own."""
    found = {f"{one.folder}/index.html": one.policy for one in site.standing if one.policy}
    for lang in site.info.languages:
        found |= {f"{lang}/{name}/index.html": pages.TOOL_POLICY for name in ("search", "check")}
    return found


def _assets(site: Site) -> Iterator[File]:
    home = files("dideban.site") / "assets"
    for name in ASSETS:
        yield f"assets/{name}", (home / name).read_bytes()
    css = (home / "site.css").read_text("utf-8")
    yield "assets/site.css", (css + theme_css(site.info.theme)).encode()


def _tongues(site: Site) -> bytes:
    info = site.info
    tongues = [
        {
            "lang": lang, "dir": locale(lang).direction, "name": locale(lang).name, "site": one_line(info.name(lang)),
            "absolute": address_of(info.base_url, f"{lang}/index.html"),
        }
        for lang in info.languages
    ]  # fmt: skip
    return pages.fill("tongues.html", {"tongues": tongues, "first": tongues[0], "policy": pages.POLICY})


def _language(site: Site, lang: str) -> Iterator[File]:
    items, chrome = site.by_language[lang], site.chrome(lang)
    cards = {one.folder: card_of(one, site.info) for one in items}
    yield f"{lang}/index.html", _front(site, lang, cards, chrome)
    for item in items:
        yield from _item(site, item, cards[item.folder], chrome)
    for kind in pages.SECTIONS:
        of_kind = [cards[one.folder] for one in items if one.kind == kind]
        if of_kind:
            base, title = f"{lang}/{FOLDERS[kind]}", words_of(lang)[FOLDERS[kind]]
            yield from _lists(of_kind, base=base, title=title, chrome=chrome, section=kind)
    yield from _places(site, lang, cards, chrome)
    yield from _tools(site, lang, chrome)
    yield from _feeds(
        site, items, lang=lang, base=lang, title=one_line(site.info.name(lang)), page=f"{lang}/index.html"
    )


def _front(site: Site, lang: str, cards: Mapping[str, Teaser], chrome: Chrome) -> bytes:
    items = [one for one in site.by_language[lang] if one.kind != "about"]
    shown = [cards[one.folder] for one in items[: 1 + PAIRED + LATEST]]
    path = f"{lang}/index.html"
    ways = {one: f"{one}/index.html" for one in site.info.languages}
    around = chrome.around(path, title=one_line(site.info.name(lang)), alternates=ways)
    return pages.fill("front.html", {
        **around, "is_front": True, "description": around["tagline"], "first": shown[0] if shown else None,
        "pair": shown[1 : 1 + PAIRED], "latest": shown[1 + PAIRED :],
        "blocks": _blocks(items[1 + PAIRED + LATEST :], cards, lang),
        "places": [place_link(slug, site.info, lang) for slug in _places_of(site, lang)],
    })  # fmt: skip


def _blocks(items: Sequence[PublishedItem], cards: Mapping[str, Teaser], lang: str) -> list[dict[str, object]]:
    """Return what is older than the top of the front page, by kind."""
    found: list[dict[str, object]] = []
    for kind in pages.SECTIONS:
        of_kind = [cards[one.folder] for one in items if one.kind == kind][:PER_BLOCK]
        if of_kind:
            name = FOLDERS[kind]
            found.append({"name": words_of(lang)[name], "path": f"{lang}/{name}/index.html", "cards": of_kind})
    return found


def _item(site: Site, item: PublishedItem, card: Teaser, chrome: Chrome) -> Iterator[File]:
    path = f"{item.folder}/index.html"
    ways = site.ways[item.kind, item.slug]
    yield path, item.document or pages.article(item, card=card, chrome=chrome, others=ways, html=site.html_of(item))
    for one in item.attachments:
        yield f"{item.folder}/{one.name}", one.read()


def _lists(
    cards: Sequence[Teaser], *, base: str, title: str, chrome: Chrome, section: str,
    feeds: Sequence[Mapping[str, str]] = (),
) -> Iterator[File]:  # fmt: skip
    n = max(1, -(-len(cards) // PER_PAGE))
    names = [f"{base}/index.html", *(f"{base}/page-{number}.html" for number in range(2, n + 1))]
    for ix, path in enumerate(names):
        yield path, pages.listing(
            cards[ix * PER_PAGE : (ix + 1) * PER_PAGE], path=path, title=title, chrome=chrome, section=section,
            newer=names[ix - 1] if ix else "", older=names[ix + 1] if ix + 1 < n else "", feeds=feeds,
        )  # fmt: skip


def _places_of(site: Site, lang: str) -> list[str]:
    return sorted({slug for one in site.by_language[lang] for slug in one.places})


def _places(site: Site, lang: str, cards: Mapping[str, Teaser], chrome: Chrome) -> Iterator[File]:
    of_place: dict[str, list[PublishedItem]] = defaultdict(list)
    for one in site.by_language[lang]:
        for slug in one.places:
            of_place[slug].append(one)
    for slug, items in sorted(of_place.items()):
        link = place_link(slug, site.info, lang)
        base, name = link["path"].removesuffix("/index.html"), link["name"]
        feeds = [
            {"type": "application/atom+xml", "title": name, "path": f"{base}/feed.xml"},
            {"type": "application/feed+json", "title": name, "path": f"{base}/feed.json"},
        ]
        shown = [cards[one.folder] for one in items]
        yield from _lists(shown, base=base, title=name, chrome=chrome, section="", feeds=feeds)
        title = f"{one_line(site.info.name(lang))}: {name}"
        yield from _feeds(site, items, lang=lang, base=base, title=title, page=f"{base}/index.html")


def _feeds(
    site: Site, items: Sequence[PublishedItem], *, lang: str, base: str, title: str, page: str
) -> Iterator[File]:  # fmt: skip
    entries = entries_of(items, html_of=site.html_of)
    for name, write in (("feed.xml", atom), ("feed.json", json_feed)):
        path = f"{base}/{name}"
        yield path, write(entries, info=site.info, lang=lang, title=title, path=path, page=page)


def _tools(site: Site, lang: str, chrome: Chrome) -> Iterator[File]:
    info, words = site.info, words_of(lang)
    yield from _corrections(site, lang, chrome)
    abouts = [card_of(one, info) for one in site.by_language[lang] if one.kind == "about"]
    path = f"{lang}/about/index.html"
    around = chrome.around(path, title=words["about"], section="about", alternates=_everywhere(site, "about"))
    yield path, pages.fill("about.html", {**around, "network": one_line(info.network), "pages": abouts})
    key = public_of(site.signing_key).hex() if site.signing_key else ""
    for name, script in (("check", "assets/check.js"), ("search", "assets/search.js")):
        path = f"{lang}/{name}/index.html"
        around = chrome.around(path, title=words[name], section=name, alternates=_everywhere(site, name))
        scripts = [f"{lang}/search/index.js", script] if name == "search" else [script]
        values = {"policy": pages.TOOL_POLICY, "scripts": scripts, "key": key, "said": pages.SAID, "is_tool": True}
        yield path, pages.fill(f"{name}.html", {**around, **values})
    yield f"{lang}/search/index.js", _search_index(site.by_language[lang])
    if fragment := info.transparency.get(lang):
        path = f"{lang}/transparency/index.html"
        ways = {one: f"{one}/transparency/index.html" for one in info.languages if info.transparency.get(one)}
        around = chrome.around(path, title=words["transparency"], section="transparency", alternates=ways)
        yield path, pages.fill("simple.html", {**around, "body": Markup(fragment)})  # noqa: S704 - by the program


def _everywhere(site: Site, name: str) -> dict[str, str]:
    return {lang: f"{lang}/{name}/index.html" for lang in site.info.languages}


def _search_index(items: Sequence[PublishedItem]) -> bytes:
    rows = [[f"{one.folder}/index.html", one_line(one.title), one_line(one.summary)] for one in items[:MOST_SEARCHED]]
    return f"window.DIDEBAN_INDEX={json.dumps(rows, ensure_ascii=False, separators=(',', ':'))};\n".encode()


def _corrections(site: Site, lang: str, chrome: Chrome) -> Iterator[File]:
    words, path = words_of(lang), f"{lang}/corrections/index.html"
    fixes = [(fix, item) for item in site.by_language[lang] for fix in item.corrections]
    fixes.sort(key=lambda pair: (-pair[0].at.timestamp(), pair[1].folder))
    ways = _everywhere(site, "corrections")
    around = chrome.around(path, title=words["corrections"], section="corrections", alternates=ways)
    shown = [
        {**correction_of(fix, lang), "title": one_line(item.title), "path": f"{item.folder}/index.html"}
        for fix, item in fixes[:MOST_CORRECTIONS]
    ]
    yield path, pages.fill("corrections.html", {**around, "fixes": shown})
    entries = [
        Entry(
            path=f"{item.folder}/index.html", title=f"{words['correction-of']}: {one_line(item.title)}",
            summary=one_line(fix.why), html=str(correction_of(fix, lang)["marked"]), published_at=fix.at,
            updated_at=fix.at, mark=f"#corrected-{stamp(fix.at)}",
        )
        for fix, item in fixes[:30]
    ]  # fmt: skip
    title = f"{one_line(site.info.name(lang))}: {words['corrections']}"
    feed = f"{lang}/corrections/feed.xml"
    yield feed, atom(entries, info=site.info, lang=lang, title=title, path=feed, page=path)


def _for_programs(site: Site) -> Iterator[File]:
    base = site.info.base_url
    robots = ["User-agent: *", "Allow: /"]
    yield from _sitemap(site)
    yield "robots.txt", ("\n".join([*robots, *([f"Sitemap: {base}sitemap.xml"] if base else [])]) + "\n").encode()
    taken = withdrawn_of(one for one in site.items if one.lang in site.info.languages)
    yield WITHDRAWN, taken
    if site.signing_key:
        yield PUBLIC, public_of(site.signing_key)
        yield WITHDRAWN_SIGNATURE, signature_of(taken, key=site.signing_key)
    lang = site.info.languages[0]
    around = site.chrome(lang).around("404.html", title=words_of(lang)["not-found"], is_tool=True, complain="")
    yield "404.html", pages.fill("simple.html", {**around, "body": ""})


def _sitemap(site: Site) -> Iterator[File]:
    """Yield the sitemap, with the other languages of each page; in parts where there are many."""
    base, rows = site.info.base_url, []
    for (_, _), ways in sorted(site.ways.items()):
        for lang in sorted(ways):
            rows.append(_location(base, ways, lang, site.updates[ways[lang]]))
    for lang in site.info.languages:
        rows.append(_location(base, {one: f"{one}/index.html" for one in site.info.languages}, lang, None))
    parts = [rows[ix : ix + SITEMAP_LIMIT] for ix in range(0, len(rows), SITEMAP_LIMIT)]
    if len(parts) == 1:
        yield "sitemap.xml", _urlset(parts[0])
        return
    for number, part in enumerate(parts, 1):
        yield f"sitemap-{number}.xml", _urlset(part)
    places = [escape(address_of(base, f"sitemap-{n}.xml")) for n in range(1, len(parts) + 1)]
    names = "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in places)
    head = '<?xml version="1.0" encoding="utf-8"?>\n<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    yield "sitemap.xml", f"{head}{names}</sitemapindex>\n".encode()


def _location(base: str, ways: Mapping[str, str], lang: str, changed: datetime | None) -> str:
    others = [(one, quoteattr(address_of(base, ways[one]))) for one in sorted(ways)] if len(ways) > 1 else []
    links = "".join(f'<xhtml:link rel="alternate" hreflang="{one}" href={address}/>' for one, address in others)
    last = f"<lastmod>{stamp(changed)}</lastmod>" if changed else ""
    return f"<url><loc>{escape(address_of(base, ways[lang]))}</loc>{last}{links}</url>"


def _urlset(rows: Sequence[str]) -> bytes:
    head = (
        '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
    )
    return (head + "\n".join(rows) + "\n</urlset>\n").encode()
