"""Normalisation, language and script, prints, near-duplicates, templates."""

from dideban.text.cache import SignatureCache
from dideban.text.language import detect_language
from dideban.text.near_duplicates import cluster_texts, sign_texts
from dideban.text.normalise import normal_form, text_print
from dideban.text.template import template, templates, variant_of

__all__ = [
    "SignatureCache",
    "cluster_texts",
    "detect_language",
    "normal_form",
    "sign_texts",
    "template",
    "templates",
    "text_print",
    "variant_of",
]
