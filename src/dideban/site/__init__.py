"""The public site: pages in, files out. Plain data becomes a static, signed, deterministic export; no database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dideban.lazy import lazy_names

if TYPE_CHECKING:
    from dideban.site.build import Site, site_files
    from dideban.site.claims import verify_claims
    from dideban.site.export import Exported, export_site, zip_site
    from dideban.site.mirror import SiteCheck, verify_site
    from dideban.site.records import (
        Attachment,
        PageCorrection,
        PagePhoto,
        PublishedItem,
        ReviewedClaim,
        SiteInfo,
    )

__all__ = [
    "Attachment",
    "Exported",
    "PageCorrection",
    "PagePhoto",
    "PublishedItem",
    "ReviewedClaim",
    "Site",
    "SiteCheck",
    "SiteInfo",
    "export_site",
    "site_files",
    "verify_claims",
    "verify_site",
    "zip_site",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Attachment": "records",
        "Exported": "export",
        "PageCorrection": "records",
        "PagePhoto": "records",
        "PublishedItem": "records",
        "ReviewedClaim": "records",
        "Site": "build",
        "SiteCheck": "mirror",
        "SiteInfo": "records",
        "export_site": "export",
        "site_files": "build",
        "verify_claims": "claims",
        "verify_site": "mirror",
        "zip_site": "export",
    },
)
