"""Graphs on integer codes: components, cores, communities and a placement for drawing.

Every function gives the same answer for the same edges in any order, repeated edges and loops included.
"""

from dideban.graph.community import leiden, leiden_at_each
from dideban.graph.layout import layout
from dideban.graph.structure import components, k_core

__all__ = ["components", "k_core", "layout", "leiden", "leiden_at_each"]
