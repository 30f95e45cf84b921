"""Templates of pages that open from a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jinja2


def templates_of(asset: Callable[[str], str], **more: Any) -> jinja2.Environment:
    """Return templates read by ``asset`` in which every value is escaped, and one that is missing is an error."""
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(asset), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, **more,
    )  # fmt: skip
