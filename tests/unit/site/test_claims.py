"""Every claim of a copy is computed again, from the copy alone: none is passed over, none is taken on trust."""

from __future__ import annotations

from pathlib import Path

import pytest

from dideban.site import Attachment, ReviewedClaim, export_site, verify_claims, verify_site, zip_site
from dideban.store import zip_package
from functional.test_verify import made
from unit.site.making import item, site

__all__ = ["made"]


def page(slug: str, lang: str, *packages: tuple[str, bytes | Path]):
    claims = tuple(ReviewedClaim(text=f"Claim {name}", package=name) for name, _ in packages)
    files = tuple(Attachment(name=name, content=content) for name, content in packages)
    return item(slug, lang, claims=claims, attachments=files)


@pytest.fixture
def package(made: Path, tmp_path: Path) -> Path:
    return zip_package(made, to=tmp_path / "package.zip")


def test_all_claims_of_a_site_hold(package: Path, tmp_path: Path) -> None:
    pages = [page("one", lang, ("f1.zip", package)) for lang in ("fa", "ar", "en")]
    pages += [page("two", "en", ("f1.zip", package), ("f2.zip", package)), item("three")]
    export_site(site(*pages), out=tmp_path / "site")
    assert verify_claims(tmp_path / "site") == (5, [])
    assert verify_claims(zip_site(tmp_path / "site", to=tmp_path / "site.zip")) == (5, [])


def test_a_package_that_is_signed_and_does_not_hold_is_said_by_its_page(package: Path, tmp_path: Path) -> None:
    broken = page("bad", "en", ("f1.zip", b"no package at all"), ("f2.zip", package))
    export_site(site(broken, page("good", "en", ("f1.zip", package))), out=tmp_path / "site")
    assert verify_site(tmp_path / "site").ok  # the room signed it
    n, (problem,) = verify_claims(tmp_path / "site")
    assert n == 3
    assert problem.values["path"] == "en/bulletins/bad/index.html"


def test_a_package_that_is_missing_or_changed_by_one_byte_is_said(package: Path, tmp_path: Path) -> None:
    export_site(site(page("one", "en", ("f1.zip", package), ("f2.zip", package))), out=tmp_path / "site")
    home = tmp_path / "site" / "en" / "bulletins" / "one"
    (home / "f1.zip").unlink()
    data = bytearray((home / "f2.zip").read_bytes())
    data[len(data) // 2] ^= 1
    (home / "f2.zip").write_bytes(data)
    n, problems = verify_claims(tmp_path / "site")
    assert (n, [one.values["reason"].code for one in problems]) == (2, ["site.check.missing", "site.check.changed"])
