"""Sample posts, null crowds, planted campaigns, adversaries."""

from dideban.simulate.model import ALL_CROWDS, HARD_CROWDS, Plant, Stream
from dideban.simulate.stream import make_stream, planted_grid

__all__ = ["ALL_CROWDS", "HARD_CROWDS", "Plant", "Stream", "make_stream", "planted_grid"]
