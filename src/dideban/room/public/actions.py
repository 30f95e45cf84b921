"""Everything that changes pages and who agreed to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from dideban.errors import InputError
from dideban.messages import languages
from dideban.room.audit.actions import record
from dideban.room.cases.actions import add_readers_task
from dideban.room.cases.models import Case
from dideban.room.cases.storage import keep_file
from dideban.room.findings.models import FollowedGroup
from dideban.room.members.models import Membership
from dideban.room.posts.actions import not_a_second
from dideban.room.public.consent import lacking
from dideban.room.public.models import (
    Consent,
    ConsentMethod,
    ConsentScope,
    Correction,
    Letter,
    LetterKind,
    Page,
    PageState,
    PageVersion,
    Photo,
    PublicSite,
)
from dideban.room.public.packages import unpacked
from dideban.room.public.photos import clean_photo
from dideban.room.queue import enqueue
from dideban.room.roles import Permission
from dideban.room.rooms.models import Place, Room
from dideban.room.rooms.sealed_ids import seal_text
from dideban.site.address import checked_base
from dideban.site.markdown import one_line, tidy
from dideban.site.records import KINDS, MEDIA_RATINGS, MOST_SUMMARY, MOST_TEXT, MOST_TITLE, SLUG
from dideban.site.theme import theme_css

MOST_PHOTOS, MOST_CLAIMS, MOST_LETTER = 6, 10, 4_000
ANSWER_WITHIN = timedelta(days=7)
REASONS = ("person", "finding", "consent", "room")
WRITTEN = tuple(kind for kind in KINDS if kind != "exercise")


@transaction.atomic
def write_page(
    room: Room, *, kind: str, slug: str, lang: str, title: str, body: str, summary: str = "",
    claims: Sequence[Mapping[str, str]] = (), places: Iterable[Place] = (), groups: Iterable[FollowedGroup] = (),
    case: Case | None = None, by: Membership,
) -> Page:  # fmt: skip
    """Begin a page.

    Raises
    ------
    InputError
        No such kind or language, an address that cannot be or is taken, no title or text, or another room's finding.
    """
    by.require(Permission.WORK)
    number = (Page.objects.filter(room=_locked(room)).aggregate(last=Max("number"))["last"] or 0) + 1
    slug = slug.strip()
    if kind not in WRITTEN:
        raise InputError("site.unknown-kind", kind=kind[:40])
    if lang not in languages():
        raise InputError("site.unknown-language", lang=lang[:20])
    if not SLUG.fullmatch(slug):
        raise InputError("site.slug", hint="site.slug-hint", name=slug[:80])
    if Page.objects.filter(room=room, kind=kind, slug=slug, lang=lang).exists():
        raise InputError("site.page-twice", kind=kind, name=slug, lang=lang)
    chosen = list(groups)
    if any(one.room_id != room.pk for one in chosen) or (case is not None and case.room_id != room.pk):
        raise InputError("room.finding-of-another-room")
    page = Page.objects.create(
        room=room, number=number, kind=kind, slug=slug, lang=lang, case=case, created_at=timezone.now(),
        created_by=by.member,
    )  # fmt: skip
    page.places.set(by.within(places))
    page.groups.set(chosen)
    _add_version(page, title=title, summary=summary, body=body, claims=claims, by=by)
    _note(page, "page.write", by)
    return page


@transaction.atomic
def change_page(
    page: Page, *, title: str, body: str, summary: str = "", claims: Sequence[Mapping[str, str]] = (), by: Membership
) -> PageVersion | None:
    """Add a version of a page; None where nothing differs. What is published stays until a second member agrees."""
    by.require(Permission.WORK)
    page = _locked_page(page)
    made = _add_version(page, title=title, summary=summary, body=body, claims=claims, by=by)
    if made is not None:
        _note(page, "page.change", by, version=made.number)
    return made


@transaction.atomic
def set_grounds(
    page: Page, *, places: Iterable[Place], groups: Iterable[FollowedGroup], case: Case | None, by: Membership
) -> None:  # fmt: skip
    """Say what a page rests on and where it belongs: while it is a draft, for what is published is agreed to whole."""
    by.require(Permission.WORK)
    page = _locked_page(page)
    chosen = list(groups)
    if page.state == PageState.WAITING:
        raise InputError("public.waiting")
    if any(one.room_id != page.room_id for one in chosen) or (case is not None and case.room_id != page.room_id):
        raise InputError("room.finding-of-another-room")
    if page.published_id is not None and {one.pk for one in chosen} != set(page.groups.values_list("pk", flat=True)):
        raise InputError("public.grounds-fixed")
    page.places.set(by.within(places, before=page.places.all()))
    page.groups.set(chosen)
    Page.objects.filter(pk=page.pk).update(case=case)
    _note(page, "page.grounds", by, groups=sorted(one.number for one in chosen))


@transaction.atomic
def ask_publication(page: Page, *, why: str = "", by: Membership) -> None:
    """Ask a second member to agree to the latest version.

    Raises
    ------
    InputError
        It waits already, nothing changed since it was published, a change has no reason, or a consent is lacking.
    """
    by.require(Permission.WORK)
    page = _locked_page(page)
    if page.waiting_id is not None:
        raise InputError("public.waiting")
    is_standing = page.published_id is not None and page.withdrawn_at is None
    if is_standing and page.published_id == page.latest_id:
        raise InputError("public.nothing-new")
    if page.published_id is not None and page.published_id != page.latest_id and not one_line(why):
        raise InputError("public.needs-why", hint="public.needs-why-hint")
    _require_consent(page)
    _require_packages(page)
    page.waiting, page.why = page.latest, one_line(why, limit=500)
    page.asked_by, page.asked_at = by.member, timezone.now()
    page.state = PageState.WAITING
    page.save()
    _note(page, "page.ask", by, version=_number(page.waiting))


@transaction.atomic
def decide_publication(page: Page, *, is_agreed: bool, by: Membership) -> None:
    """Agree that a page is published, or refuse: never one's own.

    Raises
    ------
    InputError
        It does not wait, it was one's own, one is no second person, or a consent is lacking.
    """
    by.require(Permission.SHARE)
    page = _locked_page(page)
    if page.waiting is None:
        raise InputError("room.decided-already")
    if not is_agreed:
        page.waiting, page.state = None, _state_without(page)
        page.save()
        _note(page, "page.refuse", by)
        return
    _require_second(page, by)
    _require_consent(page)
    _require_packages(page)
    now, before, version = timezone.now(), page.published, page.waiting
    if before is not None and before.pk != version.pk:
        Correction.objects.create(page=page, at=now, was=before, now=version, why=page.why, by=page.asked_by)
    page.published, page.waiting, page.state = version, None, PageState.PUBLISHED
    page.published_at, page.agreed_by = page.published_at or now, by.member
    page.withdrawn_at, page.withdrawn_reason = None, ""
    current = page.groups.filter(current__isnull=False).select_related("current")
    page.findings = {group.current.finding_id: group.verdict for group in current if group.current}
    page.save()
    _note(page, "page.publish", by, version=version.number, sha256=version.hash)
    _rebuild(page.room)


def _require_second(page: Page, by: Membership) -> None:
    """Refuse whoever asked, and whoever wrote the version that waits."""
    wrote = page.waiting.by_id if page.waiting else None
    if page.asked_by_id is None or by.member_id in (page.asked_by_id, wrote):
        raise InputError("sharing.two-members", hint="sharing.somebody-else")
    if page.asked_at is not None and by.joined_at > page.asked_at:
        raise InputError("room.reveal-too-new", hint="sharing.somebody-else")
    if fault := not_a_second(page, by):
        raise InputError(f"reveal.{fault}", hint="sharing.somebody-else", days=settings.SECOND_MEMBER_DAYS)


def _require_consent(page: Page) -> None:
    if scopes := lacking(page, now=timezone.now()):
        raise InputError("public.no-consent", hint="public.no-consent-hint", scopes=scopes)


def _require_packages(page: Page) -> None:
    """Refuse to claim what no reader could check; the findings of a published page stay as they are."""
    if page.published_id is None and (numbers := unpacked(page)):
        raise InputError("public.no-package", hint="public.no-package-hint", numbers=numbers)


@transaction.atomic
def withdraw_page(page: Page, *, reason: str, by: Membership | None) -> None:
    """Take a page off the site; it can be asked for again.

    Parameters
    ----------
    by : Membership
        None = the room itself, after what the page rests on fell.

    Raises
    ------
    InputError
        No such reason, or it is not published.
    """
    if by is not None:
        by.require(Permission.SHARE)
    page = _locked_page(page)
    if reason not in REASONS:
        raise InputError("room.not-a-choice", value=reason[:40])
    if page.published_id is None or page.withdrawn_at is not None:
        raise InputError("public.not-published")
    page.withdrawn_at, page.withdrawn_reason, page.waiting = timezone.now(), reason, None
    page.state = PageState.WITHDRAWN
    page.save()
    _note(page, "page.withdraw", by, reason=reason)
    _rebuild(page.room)


@transaction.atomic
def record_consent(
    page: Page, *, person: str, text_shown: str, lang: str, scopes: Iterable[str], method: str,
    given_at: datetime | None, expires_at: datetime | None = None, is_minor: bool = False, guardian: str = "",
    file_sha256: str = "", by: Membership,
) -> Consent:  # fmt: skip
    """Record that a person agreed.

    Raises
    ------
    InputError
        No pseudonym or text, no scope, a minor without guardian, a signed sheet or recording without its hash, or
        instants that make no sense.
    """
    by.require(Permission.WORK)
    page, now = _locked_page(page), timezone.now()
    chosen = sorted(set(scopes))
    if not chosen or not set(chosen) <= set(ConsentScope) or method not in set(ConsentMethod):
        raise InputError("public.consent-incomplete")
    if is_minor and not one_line(guardian):
        raise InputError("public.needs-guardian")
    if method != ConsentMethod.WITNESSED and len(file_sha256) != 64:
        raise InputError("public.needs-file")
    if given_at is None or given_at > now or (expires_at is not None and expires_at <= given_at):
        raise InputError("public.consent-when")
    made = Consent.objects.create(
        page=page, person=_text(person, "person", 80), text_shown=_text(text_shown, "text", 20_000), lang=lang[:8],
        scopes=chosen, method=method, is_minor=is_minor, guardian=one_line(guardian, limit=80), given_at=given_at,
        file_sha256=file_sha256, expires_at=expires_at, recorded_by=by.member,
    )  # fmt: skip
    _note(page, "consent.record", by, consent=made.pk, scopes=chosen)
    return made


@transaction.atomic
def withdraw_consent(consent: Consent, *, by: Membership) -> None:
    """Note that a person took their consent back: the story leaves the site at once, and its photos the disk."""
    by.require(Permission.WORK)
    page = _locked_page(consent.page)
    if not Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
        raise InputError("room.decided-already")
    _note(page, "consent.withdraw", by, consent=consent.pk)
    if page.published_id is not None and page.withdrawn_at is None and lacking(page, now=timezone.now()):
        withdraw_page(page, reason="person", by=None)
    _rebuild(page.room)


@transaction.atomic
def add_photo(page: Page, *, data: bytes, alt: str, caption: str = "", by: Membership) -> Photo:
    """Add a photo, drawn anew; it needs words for those who do not see it.

    Raises
    ------
    InputError
        No words, too many photos, a published page, or no photo.
    """
    by.require(Permission.WORK)
    page = _locked_page(page)
    if page.state in (PageState.WAITING, PageState.PUBLISHED):
        raise InputError("public.photos-fixed")
    if page.photos.count() >= MOST_PHOTOS:
        raise InputError("public.too-many-photos", n=MOST_PHOTOS)
    described = _text(alt, "alt", 1000)
    clean = clean_photo(data)
    digest, size = keep_file(page.room.slug, [clean.data])
    made = Photo.objects.create(
        page=page, sha256=digest, alt=described, caption=one_line(caption, limit=1000), width=clean.width,
        height=clean.height, n_bytes=size, at=timezone.now(), by=by.member,
    )  # fmt: skip
    _note(page, "photo.add", by, sha256=digest)
    return made


@transaction.atomic
def remove_photo(photo: Photo, *, by: Membership) -> None:
    """Remove a photo from a page."""
    by.require(Permission.WORK)
    page = _locked_page(photo.page)
    _note(page, "photo.remove", by, sha256=photo.sha256)
    photo.delete()
    _rebuild(page.room)


@transaction.atomic
def change_site(room: Room, *, by: Membership | None, **values: Any) -> PublicSite:
    """Change the public site: whether there is one, its address, contact, network and theme.

    Raises
    ------
    InputError
        No such setting, an address that is none, or a theme that is not made of colours.
    """
    if by is not None:
        by.require(Permission.SETTINGS)
    allowed = {"is_on", "base_url", "names", "taglines", "email", "network", "theme", "has_newsletter"}
    if unknown := set(values) - allowed:
        raise InputError("room.no-such-field", name=", ".join(sorted(unknown)))
    if "base_url" in values:
        values["base_url"] = checked_base(str(values["base_url"]))
    theme_css(values.get("theme", {}))
    for name in ("names", "taglines"):
        if name in values:
            values[name] = {
                lang: one_line(text, limit=100) for lang, text in values[name].items() if lang in languages()
            }
    site, _ = PublicSite.objects.get_or_create(room=room)
    for name, value in values.items():
        setattr(site, name, one_line(value, limit=200) if isinstance(value, str) else value)
    site.save()
    record(room, "site.change", by=by, subject=f"room:{room.slug}", details={"fields": sorted(values)})
    _rebuild(room)
    return site


@transaction.atomic
def keep_letter(room: Room, *, kind: str, text: str, contact: str = "", page: Page | None = None) -> Letter:
    """Keep what a reader wrote, and make it a task with a day by which it is answered.

    Raises
    ------
    InputError
        Nothing was written.
    """
    if kind not in set(LetterKind):
        raise InputError("room.not-a-choice", value=kind[:40])
    number = (Letter.objects.filter(room=_locked(room)).aggregate(last=Max("number"))["last"] or 0) + 1
    words, now = _text(text, "text", MOST_LETTER), timezone.now()
    reach = one_line(contact, limit=200)
    letter = Letter.objects.create(
        room=room, number=number, kind=kind, page=page, text=words, at=now, due_at=now + ANSWER_WITHIN,
        sealed_contact=seal_text(room.slug, reach, name=f"letter:{number}") if reach else b"",
    )  # fmt: skip
    letter.task = add_readers_task(room, case=page.case if page else None, number=number, due_at=letter.due_at)
    letter.save()
    record(room, "letter.keep", by=None, subject=f"letter:{number}", details={"kind": kind})
    return letter


@transaction.atomic
def answer_letter(letter: Letter, *, answer: str, by: Membership) -> None:
    """Note what was answered to a reader.

    Raises
    ------
    InputError
        Nothing was written, or it is answered already.
    """
    by.require(Permission.WORK)
    changed = Letter.objects.filter(pk=letter.pk, answered_at=None).update(
        answered_at=timezone.now(), answered_by=by.member, answer=_text(answer, "answer", 2000)
    )
    if not changed:
        raise InputError("room.decided-already")
    record(letter.room, "letter.answer", by=by, subject=f"letter:{letter.number}", details={"kind": letter.kind})


def _add_version(
    page: Page, *, title: str, summary: str, body: str, claims: Sequence[Mapping[str, str]], by: Membership
) -> PageVersion | None:  # fmt: skip
    before = page.latest
    if len(body) > MOST_TEXT:
        raise InputError("site.too-long", field="text", n=MOST_TEXT)
    made = PageVersion(
        page=page, number=before.number + 1 if before else 1, title=_text(title, "title", MOST_TITLE),
        summary=one_line(summary, limit=MOST_SUMMARY), body=tidy(body).strip() or _text("", "text", 1),
        claims=_claims(claims), at=timezone.now(), by=by.member, previous_hash=before.hash if before else "",
    )  # fmt: skip
    fields = ("title", "summary", "body", "claims")
    if before is not None and all(getattr(before, name) == getattr(made, name) for name in fields):
        return None
    made.save()
    page.latest = made
    page.save(update_fields=["latest"])
    return made


def _claims(claims: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    found = []
    for one in claims[:MOST_CLAIMS]:
        if text := one_line(one.get("text", ""), limit=1000):
            media = one.get("media", "")
            if media and media not in MEDIA_RATINGS:
                raise InputError("room.not-a-choice", value=media[:40])
            found.append({"text": text, "rating": one_line(one.get("rating", ""), limit=200), "media": media})
    return found


def _state_without(page: Page) -> str:
    if page.withdrawn_at is not None:
        return PageState.WITHDRAWN
    return PageState.PUBLISHED if page.published_id is not None else PageState.DRAFT


def _number(version: PageVersion | None) -> int:
    return version.number if version else 0


def _rebuild(room: Room) -> None:
    """Ask the worker to build the site when what was done is kept."""
    transaction.on_commit(lambda: enqueue("build_site", room=room.slug))


def _note(page: Page, action: str, by: Membership | None, **details: Any) -> None:
    record(page.room, action, by=by, subject=f"page:{page.number}", details={"name": str(page), **details})


def _locked(room: Room) -> Room:
    return Room.objects.select_for_update().get(pk=room.pk)


def _locked_page(page: Page) -> Page:
    """Return a page as it stands, which no one else changes meanwhile."""
    Room.objects.select_for_update().get(pk=page.room_id)
    return Page.objects.select_related("room", "latest", "waiting", "published", "asked_by", "case").get(pk=page.pk)


def _text(value: object, name: str, limit: int) -> str:
    if not (text := tidy(value, limit=limit * 4).strip()[:limit]):
        raise InputError("room.text-empty", field=name)
    return text if name in ("text", "answer") else one_line(text)
