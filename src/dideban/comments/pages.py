"""The pages of the comment process. Everything that people wrote is escaped; nothing but the page's own script acts."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from dideban.comments.words import words_of
from dideban.report.safe import csp_hash
from dideban.report.templates import templates_of


def render(template: str, *, lang: str, title: str = "", script: str = "", **values: Any) -> tuple[bytes, str]:
    """Return a page and its Content-Security-Policy."""
    style, code = asset("comments.css"), asset(script) if script else ""
    page = _environment().get_template(template).render(
        w=words_of(lang), title=title or words_of(lang)("write"), style=Markup(style), script=Markup(code), **values  # noqa: S704
    )  # fmt: skip
    scripts = csp_hash(code) if code else "'none'"
    policy = (
        f"default-src 'none'; style-src {csp_hash(style)}; script-src {scripts}; "
        "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return page.encode(), policy


@cache
def asset(name: str) -> str:
    """Return a file of ``assets``."""
    return (files("dideban.comments") / "assets" / name).read_text("utf-8")


@cache
def _environment() -> jinja2.Environment:
    return templates_of(asset)
