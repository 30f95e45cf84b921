"""Normalisation, language and script, prints, near-duplicates, templates."""

from dideban.text.near import cluster_texts, sign_texts
from dideban.text.normalise import normal_form, text_print

__all__ = ["cluster_texts", "normal_form", "sign_texts", "text_print"]
