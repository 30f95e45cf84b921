"""Dideban: find groups of accounts that push the same content in concert, with a stated error rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dideban.config import Config, load_config
    from dideban.pipelines.copies import trace_copies
    from dideban.pipelines.coshare import CoShareRun, coshare
    from dideban.pipelines.effect import MeasuredEffects, measure_effects
    from dideban.pipelines.narratives import narrate
    from dideban.pipelines.scan import Scan, scan

__version__ = "0.1.0"
__all__ = [
    "CoShareRun", "Config", "MeasuredEffects", "Scan", "__version__", "coshare", "load_config", "measure_effects",
    "narrate", "scan", "trace_copies",
]  # fmt: skip

_HOMES = {
    "CoShareRun": "dideban.pipelines.coshare",
    "coshare": "dideban.pipelines.coshare",
    "Config": "dideban.config",
    "MeasuredEffects": "dideban.pipelines.effect",
    "measure_effects": "dideban.pipelines.effect",
    "Scan": "dideban.pipelines.scan",
    "load_config": "dideban.config",
    "narrate": "dideban.pipelines.narratives",
    "scan": "dideban.pipelines.scan",
    "trace_copies": "dideban.pipelines.copies",
}


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used, so that ``dideban --help`` answers at once."""
    if name not in _HOMES:
        raise AttributeError(f"module 'dideban' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
