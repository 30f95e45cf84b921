"""The public site as the room serves it, and the form by which readers write.

No sign-in, no session and no cookie of a member: the files hold nothing that is not published.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from dideban.errors import DidebanError
from dideban.messages import languages, locale
from dideban.room.access import open_site
from dideban.room.board.views.reader_limits import require_few
from dideban.room.public import actions
from dideban.room.public.models import LetterKind, Page
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.wording.problems import error_words
from dideban.site.mirror import PATH
from dideban.site.pages import POLICY
from dideban.site.records import FOLDERS

TYPES = {
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "json": "application/json", "xml": "application/xml; charset=utf-8", "txt": "text/plain; charset=utf-8",
    "woff2": "font/woff2", "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "pdf": "application/pdf",
    "zip": "application/zip", "csv": "text/csv; charset=utf-8", "pub": "application/octet-stream",
}  # fmt: skip
FEEDS = {"feed.xml": "application/atom+xml; charset=utf-8", "feed.json": "application/feed+json"}
FRESH_S, KEPT_S = 60, 86_400
MOST_READ = 1024 * 1024
"""Bytes of a file that is read at once; larger ones are streamed."""
LETTERS_PER_HOUR, LETTERS_PER_DAY = 5, 300
ANCESTORS = "frame-ancestors 'none'"


@require_safe
def site_file(request: HttpRequest, slug: str, path: str = "") -> HttpResponse | FileResponse | HttpResponseRedirect:
    """Return a file of the built site of a room that has one. One query."""
    open_site(slug)
    home = folder_of(slug).site
    if path and not path.endswith("/") and not PATH.fullmatch(path):
        raise Http404
    if path.rstrip("/") and not PATH.fullmatch(path.rstrip("/")):
        raise Http404
    found = home / path
    if found.is_dir():
        if path and not path.endswith("/"):
            return HttpResponseRedirect(f"{request.path}/")
        path, found = f"{path}index.html", found / "index.html"
    if not found.is_file():
        return _missing(home)
    return _file(home, path, found)


def _file(home: Path, path: str, found: Path) -> HttpResponse | FileResponse:
    name = path.rsplit("/", 1)[-1]
    kind = FEEDS.get(name) or TYPES.get(name.rsplit(".", 1)[-1], "application/octet-stream")
    is_small = found.stat().st_size <= MOST_READ
    response = (HttpResponse if is_small else FileResponse)(
        found.read_bytes() if is_small else found.open("rb"), content_type=kind
    )
    manifest = home / "manifest.json"
    mark = manifest.stat().st_mtime_ns if manifest.is_file() else 0
    policy = _policies(str(manifest), mark).get(path, POLICY)
    response.headers["Content-Security-Policy"] = f"{policy}; {ANCESTORS}"
    age = KEPT_S if path.endswith((".woff2", ".png")) else FRESH_S
    response.headers["Cache-Control"] = f"public, max-age={age}"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _missing(home: Path) -> HttpResponse:
    page = home / "404.html"
    response = HttpResponse(page.read_bytes() if page.is_file() else b"", status=404, content_type=TYPES["html"])
    response.headers["Content-Security-Policy"] = f"{POLICY}; {ANCESTORS}"
    return response


@lru_cache(maxsize=64)
def _policies(manifest: str, mark: int) -> dict[str, str]:
    """Return the policies of pages that have one of their own; read once for each state of the site."""
    if not mark:
        return {}
    found = json.loads(Path(manifest).read_bytes()).get("policies", {})
    return {path: policy for path, policy in found.items() if "\n" not in policy}


def tell(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form by which a reader writes, and take what they send. Ten queries at most."""
    site = open_site(slug)
    asked = request.POST.get("page") or request.GET.get("page", "")
    page = _page_of(site.room, asked[:300])
    lang = page.lang if page else reader_language(request)
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    kind = kind if kind in set(LetterKind) else LetterKind.COMPLAINT.value
    shown = {
        "name": site.names.get(lang) or site.room.name,
        "page": page,
        "asked": asked[:300],
        "kind": kind,
        "slug": slug,
    }
    with translation.override(lang):
        status = 200
        if request.method == "POST":
            try:
                _take(request, site.room, kind, page)
                shown["is_done"] = True
            except DidebanError as error:
                shown["trouble"], _ = error_words(error)
                shown["text"], status = request.POST.get("text", "")[:4_000], 400
        about = {"lang": lang, "dir": locale(lang).direction, "home": f"/site/{slug}/{lang}/"}
        response = render(request, "board/tell.html", {**shown, **about}, status=status)
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _take(request: HttpRequest, room: Room, kind: str, page: Page | None) -> None:
    """Keep a letter: a few an hour from one network, some hundreds a day in all."""
    form = request.POST
    if form.get("website"):  # a field that people do not see
        return
    limits = {"per_hour": LETTERS_PER_HOUR, "per_day": LETTERS_PER_DAY}
    require_few(request, room, what="letters", trouble="public.too-many-letters", **limits)
    actions.keep_letter(room, kind=kind, text=form.get("text", ""), contact=form.get("contact", ""), page=page)


def _page_of(room: Room, path: str) -> Page | None:
    """Return the published page that an address of the site names. One query."""
    parts = path.strip("/").split("/")
    kinds = {folder: kind for kind, folder in FOLDERS.items()}
    if len(parts) < 3 or parts[1] not in kinds:
        return None
    return room.pages.filter(lang=parts[0], kind=kinds[parts[1]], slug=parts[2], published__isnull=False).first()


def reader_language(request: HttpRequest) -> str:
    """Return the language that a reader chose, or that their browser asks for."""
    chosen = request.GET.get("lang") or translation.get_language_from_request(request)[:2]
    return chosen if chosen in languages() else "en"
