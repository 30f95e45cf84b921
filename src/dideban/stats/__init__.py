"""Null models, p- and e-values, error control, effect sizes."""
