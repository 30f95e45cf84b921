"""Dideban: find groups of accounts that push the same content in concert, and say how sure it is."""

__version__ = "0.1.0"
