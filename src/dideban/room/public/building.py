"""From the database to the static site of a room."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from dideban.atomic import create_bytes
from dideban.errors import InputError, StoreError
from dideban.messages import languages
from dideban.room.findings.models import KeptFinding, VerdictKind
from dideban.room.locks import SITE, only_one
from dideban.room.public.actions import withdraw_page
from dideban.room.public.consent import lacking, was_withdrawn
from dideban.room.public.models import Correction, Page, PageVersion, Photo, PublicSite
from dideban.room.public.packages import packed, tidy_packages
from dideban.room.public.published import published_items
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Place, Room
from dideban.room.sharing.models import Export, ExportState
from dideban.site import (
    Attachment,
    Exported,
    PageCorrection,
    PagePhoto,
    PublishedItem,
    ReviewedClaim,
    Site,
    SiteInfo,
    export_site,
)
from dideban.site.comments import ShownComment, read_shown

log = logging.getLogger("dideban.room.public")
FIRST = ("fa", "ar", "en")
"""Languages of the site, in this order; others that the program knows follow."""


@dataclass(frozen=True, kw_only=True)
class Built:
    """What a build did; None = nothing had changed."""

    exported: Exported | None


def build_site(
    room: Room, *, transparency: Mapping[str, str], out: Path | None = None, always: bool = False
) -> Built:  # fmt: skip
    """Build the site of a room, where anything changed.

    Parameters
    ----------
    out : path
        Another folder than the one that the room serves.
    always : bool
        Also where nothing changed since the last build.

    Raises
    ------
    StoreError
        Another process builds it, or it cannot be written.
    """
    folder = folder_of(room.slug)
    with only_one(folder.root / SITE) as is_ours:
        if not is_ours:
            raise StoreError("public.building-already")
        withdraw_fallen(room)
        tidy_packages(room)
        record_, _ = PublicSite.objects.get_or_create(room=room)
        site = site_of(room, record_, transparency=transparency)
        mark = fingerprint_of(site)
        if out is None and not always and mark == record_.fingerprint and (folder.site / "manifest.json").is_file():
            return Built(exported=None)
        made = export_site(site, out=out or folder.site)
        if out is None:
            PublicSite.objects.filter(pk=record_.pk).update(
                fingerprint=mark, digest=made.digest, built_at=timezone.now(), n_files=made.n_files, trouble=""
            )
    return Built(exported=made)


def note_trouble(room: Room, error: Exception) -> None:
    """Keep why a build did not end, for the page of members."""
    PublicSite.objects.filter(room=room).update(trouble=str(error)[:500])


def site_of(room: Room, record_: PublicSite, *, transparency: Mapping[str, str]) -> Site:
    """Return what the site is made from."""
    own = f"{settings.SITE_URL}/site/{room.slug}/"
    langs = (*FIRST, *(lang for lang in languages() if lang not in FIRST))
    tell, subscribe = (f"{settings.SITE_URL}/{name}/{room.slug}/" for name in ("tell", "subscribe"))
    info = SiteInfo(
        names={lang: record_.names.get(lang) or room.name for lang in langs}, taglines=record_.taglines,
        base_url=record_.base_url or own, languages=langs, email=record_.email, form_url=tell,
        propose_url=f"{tell}?kind=proposal", network=record_.network, theme=record_.theme, places=_places(room),
        transparency=transparency, comments=_comments(room),
        comments_url=f"{settings.COMMENTS_URL}/" if settings.COMMENTS_URL else "",
        subscribe_url=subscribe if record_.has_newsletter and settings.HAS_MAIL else "",
    )  # fmt: skip
    return Site(info=info, items=published_items(room), signing_key=site_key(room.slug))


def site_key(room: str) -> bytes:
    """Return the key that signs the site of a room; made on first use."""
    path = folder_of(room).site_key
    with contextlib.suppress(FileExistsError):
        if not path.exists():
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

            create_bytes(path, Ed25519PrivateKey.generate().private_bytes_raw())
    return path.read_bytes()


def fingerprint_of(site: Site) -> str:
    """Return a hash of everything that a build is made from."""
    content = hashlib.sha256(repr(replace(site.info)).encode())
    for item in site.items:
        parts = [repr(replace(item, attachments=())), *(_mark(one) for one in item.attachments)]
        content.update("\0".join(parts).encode())
    return content.hexdigest()


def _mark(file: Attachment) -> str:
    if isinstance(file.content, bytes):
        return f"{file.name} {hashlib.sha256(file.content).hexdigest()}"
    found = file.content.stat()
    return f"{file.name} {found.st_size} {found.st_mtime_ns}"


def withdraw_fallen(room: Room) -> int:
    """Withdraw what no longer holds: findings that were erased, overturned or taken back, consents that ended."""
    n = 0
    for page in Page.objects.filter(room=room, published__isnull=False, withdrawn_at=None).order_by("number"):
        if reason := fallen(page):
            withdraw_page(page, reason=reason, by=None)
            n += 1
    return n


def fallen(page: Page) -> str:
    """Return why a page no longer holds; empty = it does. Six queries at most."""
    if lacking(page, now=timezone.now()):
        return "person" if was_withdrawn(page) else "consent"
    if not page.findings:
        return ""
    names, room = list(page.findings), page.room
    if Export.objects.filter(room=room, kind="finding", key__in=names, state=ExportState.REVOKED).exists():
        return "finding"
    rows = KeptFinding.objects.filter(room=room, finding_id__in=names).select_related("group")
    found = {one.finding_id: one for one in rows}
    for name, before in page.findings.items():
        finding = found.get(name)
        if finding is None or finding.redacted_at is not None or _is_overturned(before, finding.group.verdict):
            return "finding"
    return ""


def _is_overturned(before: str, now: str) -> bool:
    wrong = VerdictKind.FALSE_ALARM
    return (now == wrong) != (before == wrong) and bool(now)


def items_of(room: Room) -> Iterator[PublishedItem]:
    """Yield the pages that members wrote: those that stand, and the withdrawn as what is left of them."""
    pages = Page.objects.filter(room=room, published__isnull=False).select_related("published", "room")
    for page in pages.prefetch_related("places", "photos", "corrections__was", "corrections__now").order_by("number"):
        yield _gone(page) if page.withdrawn_at else _item(page)


def _gone(page: Page) -> PublishedItem:
    assert page.published_at is not None
    return PublishedItem(
        kind=page.kind, slug=page.slug, lang=page.lang, title="", published_at=page.published_at,
        changed_at=page.withdrawn_at, withdrawn=page.withdrawn_reason,
    )  # fmt: skip


def _item(page: Page) -> PublishedItem:
    version, fixes = page.published, list(page.corrections.all())
    assert version is not None
    assert page.published_at is not None
    photos = list(page.photos.all()) if page.kind == "story" else []
    packages = list(packed(page))
    return PublishedItem(
        kind=page.kind, slug=page.slug, lang=page.lang, title=version.title, summary=version.summary, text=version.body,
        published_at=page.published_at, changed_at=fixes[-1].at if fixes else None,
        places=tuple(sorted(one.slug for one in page.places.all())),
        attachments=(
            *(Attachment(name=f"photo-{one.sha256[:12]}.jpg", content=_photo(page, one.sha256)) for one in photos),
            *(Attachment(name=f"{finding_id}.zip", content=path) for finding_id, path, _ in packages),
        ),
        photos=tuple(_page_photo(one) for one in photos),
        claims=(*_reviewed(version), *(
            ReviewedClaim(text=statement, finding_id=finding_id, package=f"{finding_id}.zip")
            for finding_id, _, statement in packages
        )),
        corrections=tuple(_correction(fix) for fix in reversed(fixes)),
    )  # fmt: skip


def _page_photo(one: Photo) -> PagePhoto:
    name = f"photo-{one.sha256[:12]}.jpg"
    return PagePhoto(name=name, alt=one.alt, caption=one.caption, width=one.width, height=one.height)


def _photo(page: Page, sha256: str) -> Path:
    return folder_of(page.room.slug).case_files / sha256


def _reviewed(version: PageVersion) -> Iterable[ReviewedClaim]:
    return (ReviewedClaim(text=one["text"], rating=one["rating"], media_rating=one["media"]) for one in version.claims)


def _correction(fix: Correction) -> PageCorrection:
    """Return what changed between two versions: title, summary and passages, old beside new."""
    before = [fix.was.title, fix.was.summary, *fix.was.body.split("\n\n")]
    after = [fix.now.title, fix.now.summary, *fix.now.body.split("\n\n")]
    gone = [part for part in before if part not in after]
    come = [part for part in after if part not in before]
    return PageCorrection(at=fix.at, was="\n".join(gone)[:20_000], now="\n".join(come)[:20_000], why=fix.why)


def _comments(room: Room) -> Mapping[str, tuple[ShownComment, ...]]:
    """Return what moderators showed; trouble of that process is none of the site."""
    if not settings.COMMENTS:
        return {}
    try:
        return read_shown(Path(settings.COMMENTS) / "shown.json")
    except InputError as error:
        log.error("comments: %s", error, extra={"room": room.slug})
        return {}


def _places(room: Room) -> dict[str, dict[str, str]]:
    found = Place.objects.filter(room=room)
    return {one.slug: {"en": one.name, **{lang: str(name) for lang, name in one.names.items()}} for one in found}
