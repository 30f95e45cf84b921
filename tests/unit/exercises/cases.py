"""Made-up cases: a group that acts in concert on some things, among outsiders of the same hour."""

from __future__ import annotations

import random

from dideban.exercises.material import Material, Thing

KINDS = ("text", "link", "hashtags", "text")


def make_case(
    number: int, *, verdict: str = "confirmed", kinds=KINDS, n_members: int = 6, n_things: int = 9
) -> Material:
    """Return a case; the number says which."""
    chance = random.Random(f"case/{number}")
    things = []
    for ix in range(n_things):
        start = chance.randrange(14 * 86_400)
        who = chance.sample(range(n_members), chance.randint(max(3, n_members - 2), n_members))
        members = sorted((start + chance.randrange(40), one) for one in who)
        others = sorted(start + chance.randint(-3_500, 3_500) for _ in range(chance.randrange(12)))
        things.append(
            Thing(
                kind=kinds[ix % len(kinds)], members=tuple((one, at) for at, one in members), others=tuple(others),
                slot_share=chance.random() / 4,
            )
        )  # fmt: skip
    gaps = [float(b[1] - a[1]) for one in things for a, b in zip(one.members, one.members[1:], strict=False)]
    ordinary = () if verdict == "confirmed" else ("feed-cross-posting",)
    return Material(
        name=f"f{number:016x}", verdict=verdict, n_members=n_members, things=tuple(things), ordinary=ordinary,
        log_e_per_block=chance.random(), gaps_s=tuple(gaps),
    )  # fmt: skip
