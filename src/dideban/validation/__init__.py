"""Measurements of error, power, cost and runtime, and the page that reports them."""

from dideban.validation.model import PARTS, Job, Size
from dideban.validation.page import write_page
from dideban.validation.page_text import write_text_page
from dideban.validation.plan import make_plan
from dideban.validation.run import run_jobs

__all__ = ["PARTS", "Job", "Size", "make_plan", "run_jobs", "write_page", "write_text_page"]
