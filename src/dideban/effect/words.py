"""What an estimate says in plain sentences."""

from __future__ import annotations

from dideban.effect.exact import FACTORS
from dideban.effect.model import Effect, EffectConfig, PooledEffect
from dideban.messages import Message


def verdict(effect: Effect | PooledEffect, *, config: EffectConfig | None = None) -> str:
    """Return ``fewer``, ``more`` or ``unclear``; without an effect each of the first two comes up at most ``level``."""
    level = (config or EffectConfig()).level
    if effect.p_fewer <= level:
        return "fewer"
    return "more" if effect.p_more <= level else "unclear"


def sentences(effect: Effect, *, config: EffectConfig | None = None) -> list[Message]:
    """Return what can be said of one response, the plainest first."""
    hours = effect.response.horizon_h
    if effect.reasons:
        return [Message("effect.nothing", reasons=list(effect.reasons))]
    said = verdict(effect, config=config)
    counted = Message("effect.counted", hours=hours, posts=effect.posts, expected=max(0, round(effect.expected)))
    bounded = effect.low is not None and effect.high is not None and 1 - effect.low < FACTORS[1] and effect.high < 1
    form = said if said != "unclear" or bounded else "unbounded"
    return [counted, Message(f"effect.one-{form}", **_range(effect)), _choice(effect, said)]


def pooled_sentences(pooled: PooledEffect, *, config: EffectConfig | None = None) -> list[Message]:
    """Return what can be said of several responses together."""
    said = verdict(pooled, config=config)
    found = [Message(f"effect.all-{said}", n=pooled.n, hours=pooled.horizon_h, **_range(pooled))]
    if pooled.n_needed is not None:
        found.append(Message("effect.needed", n=max(pooled.n_needed, pooled.n + 1)))
    return [*found, _choice(pooled, said)]


def _range(effect: Effect | PooledEffect) -> dict[str, float]:
    """Return the change and its interval as shares, in the direction of the reduction."""
    return {"change": abs(effect.reduction or 0.0), "low": -(effect.high or 0.0), "high": -(effect.low or 0.0)}


def _choice(effect: Effect | PooledEffect, said: str) -> Message:
    drawn = effect.drawn if isinstance(effect, PooledEffect) else effect.response.drawn
    if drawn:
        return Message("effect.drawn")
    return Message("effect.chosen-gamma", times=f"{effect.gamma:.1f}") if said == "fewer" else Message("effect.chosen")
