"""What an estimate says in plain sentences."""

from __future__ import annotations

from dideban.effect.exact import FACTORS
from dideban.effect.model import Effect, EffectConfig, PooledEffect
from dideban.effect.survival import PooledRemoval, Removal
from dideban.messages import Message


def verdict(effect: Effect | PooledEffect, *, config: EffectConfig | None = None) -> str:
    """Return ``fewer``, ``more`` or ``unclear``; without an effect each of the first two comes up at most ``level``.

    Where no post was expected none is missing, and where none came there were not more, whatever the ranks are.
    """
    level = (config or EffectConfig()).level
    if isinstance(effect, Effect):
        least, came = effect.expected, effect.posts
    else:
        least, came = 1.0, 0 if effect.reduction == 1 else 1
    if effect.p_fewer <= level and round(least) >= 1:
        return "fewer"
    return "more" if effect.p_more <= level and came >= 1 else "unclear"


def sentences(effect: Effect, *, config: EffectConfig | None = None) -> list[Message]:
    """Return what can be said of one response, the plainest first."""
    hours = effect.response.horizon_h
    if effect.reasons:
        return [Message("effect.nothing", reasons=list(effect.reasons))]
    said = verdict(effect, config=config)
    counted = Message("effect.counted", hours=hours, posts=effect.posts, expected=max(0, round(effect.expected)))
    bounded = effect.low is not None and effect.high is not None and 1 - effect.low < FACTORS[1] and effect.high < 1
    form = said if said != "unclear" or bounded else "unbounded"
    found = [counted, Message(f"effect.one-{form}", **_range(effect))]
    if form in ("fewer", "more") and effect.life_share is not None:
        found.append(Message("effect.life", share=abs(effect.reduction or 0.0) * effect.life_share))
    return [*found, _choice(effect, said)]


def pooled_sentences(pooled: PooledEffect, *, config: EffectConfig | None = None) -> list[Message]:
    """Return what can be said of several responses together."""
    said = verdict(pooled, config=config)
    found = [Message(f"effect.all-{said}", n=pooled.n, hours=pooled.horizon_h, **_range(pooled))]
    if pooled.n_needed is not None:
        found.append(Message("effect.needed", n=max(pooled.n_needed, pooled.n + 1)))
    return [*found, _choice(pooled, said)]


def moved_sentences(effect: Effect | PooledEffect, *, what: str, config: EffectConfig | None = None) -> list[Message]:
    """Return whether activity moved: to other posts of the same accounts, or to other forms of the same texts.

    Parameters
    ----------
    effect : Effect or PooledEffect
        Estimated with those other posts as the outcome.
    what : ``accounts`` or ``texts``
    """
    said = verdict(effect, config=config)
    if isinstance(effect, PooledEffect):
        return [Message(f"effect.moved-all-{what}-{said}", n=effect.n, hours=effect.horizon_h, **_range(effect))]
    counted = Message(
        f"effect.moved-{what}", hours=effect.response.horizon_h, posts=effect.posts,
        expected=max(0, round(effect.expected)),
    )  # fmt: skip
    return [counted, Message(f"effect.moved-{said}", **_range(effect))]


def removal_sentences(removal: Removal | PooledRemoval, *, config: EffectConfig | None = None) -> list[Message]:
    """Return whether posts went sooner than those of the other targets."""
    level = (config or EffectConfig()).level
    said = "sooner" if removal.p_sooner <= level else "later" if removal.p_later <= level else "unclear"
    counts = {"posts": removal.n_posts, "gone": removal.n_gone, "expected": max(0, round(removal.expected))}
    if isinstance(removal, PooledRemoval):
        counts["n"] = removal.n
    form = "all" if isinstance(removal, PooledRemoval) else "one"
    return [Message(f"effect.gone-{form}", **counts), Message(f"effect.gone-{said}")]


def _range(effect: Effect | PooledEffect) -> dict[str, float]:
    """Return the change and its interval as shares, in the direction of the reduction."""
    return {"change": abs(effect.reduction or 0.0), "low": -(effect.high or 0.0), "high": -(effect.low or 0.0)}


def _choice(effect: Effect | PooledEffect, said: str) -> Message:
    drawn = effect.drawn if isinstance(effect, PooledEffect) else effect.response.drawn
    if drawn:
        return Message("effect.drawn")
    return Message("effect.chosen-gamma", times=f"{effect.gamma:.1f}") if said == "fewer" else Message("effect.chosen")
