"""FINDINGS to one self-contained page."""
