"""One module per family of file shapes: recognise them, map them. A module added here is found by itself."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from dideban.ingest.format import Shape


def _found() -> list[Shape]:
    """Shapes of all modules of this package, in the order of their names."""
    modules = [
        import_module(f"{__name__}.{info.name}") for info in sorted(iter_modules(__path__), key=lambda i: i.name)
    ]
    shapes = (shape for module in modules for shape in vars(module).values() if isinstance(shape, Shape))
    return list({shape.name: shape for shape in shapes}.values())


_ALL = _found()
GENERIC = next(shape for shape in _ALL if shape.name == "table")
SHAPES: tuple[Shape, ...] = tuple(shape for shape in _ALL if shape is not GENERIC)
"""Known shapes; no two recognise the same file, the first that does reads it."""

__all__ = ["GENERIC", "SHAPES"]
