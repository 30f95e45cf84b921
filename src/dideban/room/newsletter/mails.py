"""The two mails that readers get: the question whether they want the newsletter, and the newsletter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from dideban.messages import locale
from dideban.room.newsletter.actions import question_mark
from dideban.room.newsletter.models import Subscriber
from dideban.room.newsletter.sealing import link_key, open_address
from dideban.room.public.models import PublicSite
from dideban.site.markdown import one_line
from dideban.site.records import FOLDERS

LONGEST_SUBJECT = 120


@dataclass(frozen=True, kw_only=True)
class Line:
    """A page as the newsletter names it."""

    kind: str
    slug: str
    title: str
    summary: str = ""
    why: str = ""
    """Why a published page was changed; empty = the page is new."""


def question_mail(subscriber: Subscriber, site: PublicSite) -> EmailMultiAlternatives:
    """Return the mail that asks whether whoever owns the address wants the newsletter."""
    room, lang = subscriber.room, subscriber.wanted["lang"]
    mark = question_mark(subscriber)
    query = {"who": subscriber.name, "key": link_key(room.slug, purpose="answer", name=subscriber.name, mark=mark)}
    with translation.override(lang):
        subject = _("Do you want the newsletter of {name}?").format(name=_name(site, lang))
        values = {"link": f"{_place(room.slug)}answer/?{urlencode(query)}"}
        return _mail(subscriber, site, lang=lang, subject=subject, template="question", values=values, headers={})


def issue_mail(subscriber: Subscriber, site: PublicSite, *, lines: Sequence[Line]) -> EmailMultiAlternatives:
    """Return the newsletter with some pages for one subscriber; one click leaves it (RFC 8058)."""
    room, lang = subscriber.room, subscriber.lang
    key = link_key(room.slug, purpose="leave", name=subscriber.name)
    leave = f"{_place(room.slug)}leave/?{urlencode({'who': subscriber.name, 'key': key})}"
    base = site.base_url or f"{settings.SITE_URL}/site/{room.slug}/"
    shown = [(one, f"{base}{lang}/{FOLDERS[one.kind]}/{one.slug}/") for one in lines]
    headers = {
        "List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<{room.slug}.{urlsplit(base).hostname or 'localhost'}>", "Precedence": "bulk",
    }  # fmt: skip
    with translation.override(lang):
        title = lines[0].title
        subject = _("{title} and more").format(title=title) if len(lines) > 1 else title
        values = {"shown": shown, "leave": leave, "change": _place(room.slug)}
        return _mail(subscriber, site, lang=lang, subject=subject, template="issue", values=values, headers=headers)


def _mail(
    subscriber: Subscriber, site: PublicSite, *, lang: str, subject: str, template: str, values: Mapping[str, object],
    headers: Mapping[str, str],
) -> EmailMultiAlternatives:  # fmt: skip
    name = _name(site, lang)
    around = {**values, "name": name, "lang": lang, "dir": locale(lang).direction, "email": site.email}
    text = render_to_string(f"newsletter/{template}.txt", around)
    page = render_to_string(f"newsletter/{template}.html", around)
    sender = formataddr((name.replace('"', ""), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
    address = open_address(subscriber.room.slug, subscriber.sealed, name=subscriber.name)
    made = EmailMultiAlternatives(
        one_line(subject, limit=LONGEST_SUBJECT), text, sender, [address],
        headers={"Auto-Submitted": "auto-generated", "Content-Language": lang, **headers},
    )  # fmt: skip
    made.attach_alternative(page, "text/html")
    return made


def _name(site: PublicSite, lang: str) -> str:
    return one_line(site.names.get(lang) or site.room.name, limit=100)


def _place(room: str) -> str:
    return f"{settings.SITE_URL}/subscribe/{room}/"


def line_of(kind: str, slug: str, *, title: str, summary: str = "", why: str = "") -> Line:
    """Return a page as the newsletter names it, its texts on one line each."""
    return Line(
        kind=kind, slug=slug, title=one_line(title, limit=200), summary=one_line(summary, limit=600),
        why=one_line(why, limit=500),
    )  # fmt: skip
