"""Copied texts: who published first, who holds how much of it, and whether that is said."""

from dideban.findings.copying.attribution import Attribution, find_attributions
from dideban.findings.copying.builder import find_copies
from dideban.findings.copying.model import Copies, Copy, Family

__all__ = ["Attribution", "Copies", "Copy", "Family", "find_attributions", "find_copies"]
