"""Normalisation, language and script, prints, near-duplicates, templates."""
