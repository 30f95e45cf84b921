"""FINDINGS, narratives and copies to self-contained pages."""

from typing import TYPE_CHECKING

from dideban.lazy import lazy_names

if TYPE_CHECKING:
    from dideban.report.copying import render_copies
    from dideban.report.narratives import render_narratives
    from dideban.report.page import render_report
    from dideban.report.pictures import Thumbnail, pictures_to_show
    from dideban.report.views import ShownAmounts

__all__ = ["ShownAmounts", "Thumbnail", "pictures_to_show", "render_copies", "render_narratives", "render_report"]

__getattr__ = lazy_names(
    __name__,
    {
        "ShownAmounts": "views",
        "Thumbnail": "pictures",
        "pictures_to_show": "pictures",
        "render_copies": "copying",
        "render_narratives": "narratives",
        "render_report": "page",
    },
)
