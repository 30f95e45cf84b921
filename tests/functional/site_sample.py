"""A site with something of every kind, in three languages: the pages of the demo, exercises, a claim with its package."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from dideban.exercises import make_set
from dideban.exercises.page import asset, policy, render_exercise
from dideban.site import (
    Attachment,
    PageCorrection,
    PagePhoto,
    PublishedItem,
    ReviewedClaim,
    Site,
    SiteInfo,
)
from dideban.site.comments import ShownComment
from unit.exercises.cases import make_case

NAMES = {"fa": "دیده‌بان", "ar": "المرصد", "en": "The Watch"}
LANGUAGES = tuple(NAMES)
START = datetime(2026, 11, 28, 8, tzinfo=UTC)
KEY = bytes(range(32))
SAYS = {"fa": "مینا", "ar": "مينا", "en": "Mina"}


def make_site(package: Path | None = None, *, base_url: str = "https://watch.example.org/") -> Site:
    """Return the site; with ``package``, the newest bulletin rests on that zipped finding."""
    texts = tomllib.loads((files("dideban.room.upkeep") / "demo_pages.toml").read_text("utf-8"))
    items = [
        _page(slug, thing, lang, at=START - timedelta(days=2 * ix), package=package if ix == 0 else None)
        for ix, (slug, thing) in enumerate(texts.items())
        for lang in LANGUAGES
    ]
    items += [_exercise(lang) for lang in LANGUAGES]
    shown = ShownComment(name=SAYS["fa"], lines=("درست می‌گویید؛ ما هم آزمایش محله را دیدیم.",), at="2026-11-28T10:00Z")
    info = SiteInfo(
        names=NAMES, base_url=base_url, email="desk@example.org", form_url=f"{base_url}tell/",
        comments_url="https://comments.example.org/", comments={"/fa/bulletins/water-rumour/": (shown,)},
        subscribe_url=f"{base_url}subscribe/", propose_url=f"{base_url}tell/?kind=proposal",
        places={
            "north": {"fa": "شمال", "ar": "الشمال", "en": "North"}, "south": {"fa": "جنوب", "ar": "الجنوب", "en": "South"},
            "coast": {"fa": "ساحل", "ar": "الساحل", "en": "Coast"},
        },
        transparency=dict.fromkeys(LANGUAGES, "<h2>2026</h2><table><tr><th>1</th><td>2</td></tr></table>"),
    )  # fmt: skip
    return Site(info=info, items=items, signing_key=KEY)


def _page(slug: str, thing: dict[str, Any], lang: str, *, at: datetime, package: Path | None) -> PublishedItem:
    said = thing[lang]
    fixes = []
    if "body_before" in said:
        before, after = said["body_before"].split("\n\n"), said["body"].split("\n\n")
        was, now = next((one, other) for one, other in zip(before, after, strict=True) if one != other)
        fixes.append(PageCorrection(at=at + timedelta(hours=1), was=was, now=now, why=said["why"]))
    claims = [ReviewedClaim(text=said["claim"]["text"], rating=said["claim"]["rating"])] if "claim" in said else []
    attachments: list[Attachment] = []
    photos: list[PagePhoto] = []
    if package is not None:
        claims.append(ReviewedClaim(text=said["summary"], finding_id=package.stem, package="finding.zip"))
        attachments.append(Attachment(name="finding.zip", content=package))
    if thing["kind"] == "story":
        attachments.append(Attachment(name="photo-1.jpg", content=_photo()))
        photos.append(PagePhoto(name="photo-1.jpg", alt=said["title"], caption=said["summary"], width=1200, height=760))
    return PublishedItem(
        kind=thing["kind"], slug=slug, lang=lang, title=said["title"], summary=said["summary"], text=said["body"],
        published_at=at, changed_at=fixes[0].at if fixes else None, places=tuple(thing["places"]), claims=tuple(claims),
        corrections=tuple(fixes), attachments=tuple(attachments), photos=tuple(photos),
    )  # fmt: skip


def _exercise(lang: str) -> PublishedItem:
    made = make_set([make_case(1), make_case(2)], lang=lang, seed=1, n=1)[0]
    others = [(one, f"../../../{one}/exercises/exercise-1/index.html") for one in LANGUAGES if one != lang]
    page = render_exercise(made, others=others, course_href="../../exercises/index.html")
    return PublishedItem(
        kind="exercise", slug="exercise-1", lang=lang, title=made.title, summary=made.intro[:600],
        published_at=START - timedelta(days=9), document=page.encode(),
        policy=policy(asset("exercise.css"), asset("exercise.js")),
    )  # fmt: skip


def _photo() -> bytes:
    """Return a small photo, or what stands for one where no library draws it."""
    try:
        from PIL import Image
    except ModuleNotFoundError:
        return b"\xff\xd8\xff\xd9"
    import io

    made, buffer = Image.linear_gradient("L").resize((1200, 760)).convert("RGB"), io.BytesIO()
    made.save(buffer, "JPEG", quality=60)
    return buffer.getvalue()
