"""One module per known file shape: recognise it, map it."""

from dideban.ingest.shape import Shape
from dideban.ingest.sources.generic import DIDEBAN, GENERIC

SHAPES: tuple[Shape, ...] = (DIDEBAN,)
"""Known shapes, the most particular first: the first that recognises a file reads it."""

__all__ = ["GENERIC", "SHAPES"]
