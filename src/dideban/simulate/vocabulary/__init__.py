"""Words for the sample's texts: everyday topics, invented places, no people, parties or brands that exist."""

from dideban.simulate.vocabulary.arabic import ARABIC
from dideban.simulate.vocabulary.base import Topic, Vocabulary
from dideban.simulate.vocabulary.english import ENGLISH
from dideban.simulate.vocabulary.persian import PERSIAN

VOCABULARIES: dict[str, Vocabulary] = {"fa": PERSIAN, "ar": ARABIC, "en": ENGLISH}
"""By BCP 47 language."""

__all__ = ["VOCABULARIES", "Topic", "Vocabulary"]
