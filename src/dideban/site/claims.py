"""Does every claim of a copied site hold? The packages that its pages name are recomputed, from the copy alone."""

from __future__ import annotations

import hashlib
import posixpath
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dideban.errors import ExchangeError
from dideban.messages import Message
from dideban.site.mirror import SiteCopy, copy_of
from dideban.store import verify_package
from dideban.store.bounds import MB

CLAIM = re.compile(
    r'<dd><a href="([a-z0-9][a-z0-9_.-]{0,90})" download>[^<]*</a>[^<]*<br><span class="hash">([0-9a-f]{64})</span>'
)
"""As ``article.html`` writes it: the package of a claim and its SHA-256."""
MOST_PAGE_BYTES = 4 * MB


def verify_claims(path: Path) -> tuple[int, list[Message]]:
    """Recompute every package that a page of a site names.

    Parameters
    ----------
    path : path
        A folder or zip; check it with ``verify_site`` first.

    Returns
    -------
    n, problems
        How many claims there are, and what does not hold.
    """
    with copy_of(path) as copy, tempfile.TemporaryDirectory() as scratch:
        known: dict[tuple[str, str], Message | None] = {}
        n, problems = 0, []
        for page, package, digest in claims_of(copy):
            n += 1
            if (digest, package) not in known:
                known[digest, package] = _trouble(copy, package, digest, scratch=Path(scratch))
            if (trouble := known[digest, package]) is not None:
                problems.append(Message("site.check.claim", path=page, reason=trouble))
        return n, problems


def claims_of(copy: SiteCopy) -> Iterator[tuple[str, str, str]]:
    """Yield page, package and hash of each claim of a site, in the order of pages."""
    for page in sorted(name for name in copy.sizes if name.endswith(".html")):
        source = copy.read(page, most=MOST_PAGE_BYTES).decode("utf-8", "replace")
        for name, digest in CLAIM.findall(source):
            yield page, posixpath.join(posixpath.dirname(page), name), digest


def _trouble(copy: SiteCopy, package: str, digest: str, *, scratch: Path) -> Message | None:
    """Return why a package does not hold; None = it does."""
    if package not in copy.sizes:
        return Message("site.check.missing", path=package)
    there = scratch / "package.zip"
    with copy.open(package) as source, there.open("wb") as target:
        shutil.copyfileobj(source, target)
    with there.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            return Message("site.check.changed", path=package)
    try:
        result = verify_package(there)
    except ExchangeError as error:
        return error.message
    failed = [name for name, ok, _ in result.checks if not ok]
    return Message("site.check.package", path=package, names=failed) if failed else None
