"""Pages of the site from their templates. Each returns the text of one file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from dideban.messages import locale
from dideban.site.address import address_of, to_root
from dideban.site.cards import Teaser, correction_of, moment, size_of, words_of
from dideban.site.linked_data import linked_data
from dideban.site.markdown import one_line, render_text
from dideban.site.records import FOLDERS, PublishedItem, SiteInfo

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'"
"""No script, nothing from elsewhere."""
TOOL_POLICY = f"{POLICY}; script-src 'self'; connect-src 'self'"
"""For the two pages with a script of our own: searching and checking."""
SECTIONS = ("bulletin", "lesson", "exercise", "story")
SAID = (
    "check-good", "check-hashes-only", "check-bad-signature", "check-bad-file", "check-known-file",
    "check-unknown-file", "check-no-answer",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Chrome:
    """What stands around every page of a language."""

    info: SiteInfo
    lang: str
    kinds: frozenset[str]
    """Kinds of which there is something."""
    edition: str
    """Date of the latest change, in both calendars: the site never says when it was built."""
    has_transparency: bool

    def around(
        self, path: str, *, title: str, section: str = "", alternates: Mapping[str, str] | None = None, **more: Any
    ) -> dict[str, Any]:
        """Return the variables of the layout for a file at ``path``."""
        info, lang, words = self.info, self.lang, words_of(self.lang)
        ways = alternates or {}
        return {
            "lang": lang, "dir": locale(lang).direction, "root": to_root(path), "w": words, "title": title,
            "site_name": one_line(info.name(lang)), "tagline": one_line(info.taglines.get(lang, words["tagline"])),
            "canonical": address_of(info.base_url, path), "policy": POLICY, "section": section, "today": self.edition,
            "alternates": [
                {"lang": one, "absolute": address_of(info.base_url, ways[one])} for one in info.languages if one in ways
            ] if len(ways) > 1 else [],
            "tongues": [
                {"lang": one, "name": locale(one).name, "path": ways.get(one, f"{one}/index.html")}
                for one in info.languages
            ],
            "feeds": self._feeds(), "sections": self._sections(), "footer": self._footer(), "outward": self._outward(),
            "complain": self.complain(path), "og_type": "website", **more,
        }  # fmt: skip

    def _feeds(self) -> list[dict[str, str]]:
        name = one_line(self.info.name(self.lang))
        return [
            {"type": "application/atom+xml", "title": name, "path": f"{self.lang}/feed.xml"},
            {"type": "application/feed+json", "title": name, "path": f"{self.lang}/feed.json"},
        ]

    def _sections(self) -> list[dict[str, str]]:
        words, lang = words_of(self.lang), self.lang
        found = [
            {"key": kind, "name": words[FOLDERS[kind]], "path": f"{lang}/{FOLDERS[kind]}/index.html"}
            for kind in SECTIONS if kind in self.kinds
        ]  # fmt: skip
        more = ["corrections", *(["transparency"] if self.has_transparency else []), "about", "search"]
        return found + [{"key": one, "name": words[one], "path": f"{lang}/{one}/index.html"} for one in more]

    def _footer(self) -> list[dict[str, str]]:
        words, lang = words_of(self.lang), self.lang
        named = [("about", "about"), ("corrections", "corrections"), ("check", "check")]
        found = [{"name": words[word], "path": f"{lang}/{name}/index.html"} for name, word in named]
        return [*found, {"name": words["feed"], "path": f"{lang}/feed.xml"}]

    def _outward(self) -> list[dict[str, str]]:
        words, info = words_of(self.lang), self.info
        found = [{"name": words["complain"], "href": self.complain("")}] if self.complain("") else []
        return found + ([{"name": words["subscribe"], "href": info.subscribe_url}] if info.subscribe_url else [])

    def complain(self, path: str) -> str:
        """Return where a complaint about a page goes: the form of the room, else mail, else nowhere."""
        if self.info.form_url:
            return f"{self.info.form_url}?page=/{path}" if path else self.info.form_url
        return f"mailto:{self.info.email}?subject=/{path}" if self.info.email else ""


def fill(name: str, values: Mapping[str, Any]) -> bytes:
    """Return a template filled with values."""
    return _templates().get_template(name).render(values).encode("utf-8", "replace")


def article(item: PublishedItem, *, card: Teaser, chrome: Chrome, others: Mapping[str, str], html: str) -> bytes:
    """Return the page of an item; ``others`` holds its paths by language, its own too."""
    info, lang, path = chrome.info, item.lang, card.path
    seen = {one.name for one in item.photos} | {one.package for one in item.claims}
    picture = address_of(info.base_url, f"{item.folder}/{item.photos[0].name}") if item.photos and info.base_url else ""
    around = chrome.around(
        path, title=card.title, section=item.kind, alternates=others, description=card.summary, og_type="article",
        picture=picture, linked=linked_data(item, info),
    )  # fmt: skip
    return fill("article.html", {
        **around, "card": card, "body": Markup(html), "fixes": [correction_of(one, lang) for one in item.corrections],  # noqa: S704
        "photos": item.photos, "claims": [_claim(one, item) for one in item.claims],
        "files": [
            {"name": one.name, "title": one_line(one.title), "size": size_of(len(one.read()), lang)}
            for one in item.attachments if one.title and one.name not in seen
        ],
        "shown": [
            {"name": one.name, "lines": one.lines, "at": moment(datetime.fromisoformat(one.at), lang)}
            for one in info.comments.get(f"/{item.folder}/", ())
        ],
        "comments": f"{info.comments_url}?page=/{item.folder}/" if info.comments_url else "",
        "others": [
            {"lang": one, "name": locale(one).name, "path": others[one]} for one in info.languages
            if one in others and one != lang
        ],
    })  # fmt: skip


def _claim(claim: Any, item: PublishedItem) -> dict[str, str]:
    found = {"text": one_line(claim.text), "rating": one_line(claim.rating), "package": claim.package}
    file = next((one for one in item.attachments if one.name == claim.package), None)
    if file is None:
        return {**found, "package": ""}
    data = file.read()
    return {**found, "size": size_of(len(data), item.lang), "sha256": hashlib.sha256(data).hexdigest()}


def body_of(item: PublishedItem) -> str:
    """Return what there is to read as HTML that is safe to put into a page."""
    return item.html or (render_text(item.text) if item.text else "")


def gone(item: PublishedItem, *, chrome: Chrome) -> bytes:
    """Return the page that says that something was withdrawn, and nothing else of it."""
    path, words = f"{item.folder}/index.html", words_of(item.lang)
    around = chrome.around(path, title=words["withdrawn"], is_gone=True, complain="")
    return fill("gone.html", {**around, "reason": item.withdrawn, "at": moment(item.updated_at, item.lang)})


def listing(
    cards: Sequence[Teaser], *, path: str, title: str, chrome: Chrome, section: str, newer: str = "", older: str = "",
    feeds: Sequence[Mapping[str, str]] = (),
) -> bytes:  # fmt: skip
    """Return one page of a list."""
    around = chrome.around(path, title=title, section=section)
    propose = chrome.info.propose_url if section == "story" else ""
    return fill("list.html", {
        **around, "feeds": [*feeds, *around["feeds"]], "cards": cards, "newer": newer, "older": older,
        "propose_url": propose,
    })  # fmt: skip


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("dideban.site", "assets"), autoescape=True, undefined=jinja2.ChainableUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
