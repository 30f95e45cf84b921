"""A case as a report for people, and everything it stands on as one file."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import timezone, translation

from dideban import store
from dideban.messages import languages
from dideban.room.access import Access
from dideban.room.alerts.words import label_of
from dideban.room.board.presenters.case_history import history_of
from dideban.room.board.presenters.responses import seen
from dideban.room.cases.models import Case
from dideban.room.cases.storage import path_of
from dideban.room.findings.packages import package_of

RTL = {"fa", "ar"}
MOST_BYTES = 512 * 1024 * 1024
"""Of packages and files in one export; what does not fit is listed and left out."""


def facts_of(access: Access, one: Case) -> dict[str, Any]:
    """Return what the report shows, as far as the member may see it. About 12 queries."""
    tasks, files = list(one.tasks.select_related("owner")), list(one.files.filter(deleted_at=None))
    searches = list(one.searches.all())
    groups = list(access.every_group().filter(cases=one).order_by("number"))
    return {
        "case": one, "room": access.room, "groups": groups,
        "verdicts": {group.pk: list(group.verdicts.select_related("member")[:5]) for group in groups},
        "narratives": [(story, label_of(story)) for story in access.narratives().filter(cases=one).order_by("number")],
        "notes": list(one.notes.filter(deleted_at=None).select_related("member", "withdrawn_by")),
        "tasks": tasks, "files": files, "places": list(access.places().filter(cases=one)),
        "responses": seen(access, list(access.responses().filter(case=one).order_by("number"))),
        "events": history_of(access.history_of(one)[:300], tasks=tasks, files=files, searches=searches),
        "at": timezone.now(), "by": access.member, "is_limited": access.is_limited,
    }  # fmt: skip


def report(access: Access, one: Case, *, language: str, is_file: bool) -> str:
    """Return the report in a language; as a file it carries its style with it."""
    css = ""
    if is_file and (path := finders.find("board/case_report.css")):
        css = Path(path).read_text("utf-8")
    with translation.override(language):
        context = {**facts_of(access, one), "lang": language, "dir": "rtl" if language in RTL else "ltr", "css": css}
        return render_to_string("board/case_report.html", context)


def bundle(access: Access, one: Case) -> bytes:
    """Return a zip of the report in every language, the packages of its findings, and its files.

    Notes
    -----
    Packages hold posts of every place: a member limited to places gets the report and the files alone.
    """
    out = io.BytesIO()
    left_out: list[str] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, tempfile.TemporaryDirectory() as scratch:
        for language in languages():
            archive.writestr(f"report.{language}.html", report(access, one, language=language, is_file=True))
        size = 0
        for name, path in [*_packages(access, one, Path(scratch)), *_files(access, one)]:
            size += path.stat().st_size
            if size > MOST_BYTES:
                left_out.append(name)
                continue
            archive.write(path, name)
        if left_out:
            archive.writestr("LEFT-OUT.txt", "\n".join(left_out) + "\n")
    return out.getvalue()


def _packages(access: Access, one: Case, scratch: Path) -> list[tuple[str, Path]]:
    if access.scope().places is not None:
        return []
    found = []
    for group in access.every_group().filter(cases=one).order_by("number"):
        folder = package_of(access.room.slug, group.current.finding_id) if group.current else None
        if folder is not None and (folder / "manifest.json").is_file():
            path = scratch / f"finding-{group.number}.zip"
            store.zip_package(folder, to=path)
            found.append((f"findings/{path.name}", path))
    return found


def _files(access: Access, one: Case) -> list[tuple[str, Path]]:
    kept = [(file, path_of(access.room.slug, file.sha256)) for file in one.files.filter(deleted_at=None)]
    return [(f"files/{file.pk}-{file.name}", path) for file, path in kept if path.is_file()]
