"""What a response did: matched units, exact tests, running evidence, and a plain word where nothing can be known."""

from dideban.effect.estimate import estimate_effects
from dideban.effect.model import Effect, EffectConfig, PooledEffect, TimedResponse
from dideban.effect.series import Series
from dideban.effect.words import pooled_sentences, sentences, verdict

__all__ = [
    "Effect",
    "EffectConfig",
    "PooledEffect",
    "Series",
    "TimedResponse",
    "estimate_effects",
    "pooled_sentences",
    "sentences",
    "verdict",
]
