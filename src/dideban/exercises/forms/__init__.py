"""The five forms of exercises: one module each, with ``fits(material)`` and ``build(material, words, chance)``."""
