"""Narratives: posts clustered by what they say, whoever wrote them."""

from dideban.findings.narratives.builder import make_narratives
from dideban.findings.narratives.incremental import Follower
from dideban.findings.narratives.meaning import Embedder
from dideban.findings.narratives.model import ListedNarrative, Narratives
from dideban.findings.narratives.static_model import StaticEmbedder
from dideban.findings.narratives.tracker import Tracker

__all__ = ["Embedder", "Follower", "ListedNarrative", "Narratives", "StaticEmbedder", "Tracker", "make_narratives"]
