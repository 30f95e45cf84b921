"""Finding packages and provenance: what lies on disk."""

from typing import TYPE_CHECKING

from dideban.lazy import lazy_names

if TYPE_CHECKING:
    from dideban.store.documents import read_findings, write_findings
    from dideban.store.history import HISTORY, follow_findings, read_history
    from dideban.store.package import member_edges, write_package, zip_package
    from dideban.store.provenance import Provenance
    from dideban.store.read import Package, read_package
    from dideban.store.select import PackagePosts, package_posts
    from dideban.store.verify import Verification, verify_package

__all__ = [
    "HISTORY",
    "Package",
    "PackagePosts",
    "Provenance",
    "Verification",
    "follow_findings",
    "member_edges",
    "package_posts",
    "read_findings",
    "read_history",
    "read_package",
    "verify_package",
    "write_findings",
    "write_package",
    "zip_package",
]

__getattr__ = lazy_names(
    __name__,
    {
        "HISTORY": "history",
        "Package": "read",
        "PackagePosts": "select",
        "Provenance": "provenance",
        "Verification": "verify",
        "follow_findings": "history",
        "member_edges": "package",
        "package_posts": "select",
        "read_findings": "documents",
        "read_history": "history",
        "read_package": "read",
        "verify_package": "verify",
        "write_findings": "documents",
        "write_package": "package",
        "zip_package": "package",
    },
)
