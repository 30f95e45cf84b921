"""FINDINGS to one self-contained page."""

from dideban.report.page import render_report

__all__ = ["render_report"]
