"""Normalisation, language and script, prints, near-duplicates, templates."""

from dideban.text.normalise import normal_form, text_print

__all__ = ["normal_form", "text_print"]
