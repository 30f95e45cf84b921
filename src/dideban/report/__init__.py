"""FINDINGS, narratives and copies to self-contained pages."""

from dideban.report.copying import render_copies
from dideban.report.narratives import render_narratives
from dideban.report.page import render_report
from dideban.report.views import Limits

__all__ = ["Limits", "render_copies", "render_narratives", "render_report"]
