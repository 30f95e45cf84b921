"""Which room speaks for which stretch of time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dideban.joint.ownership import assign_stretches

STRETCHES = st.sampled_from(["a", "b", "c", "d"])
HELD = st.dictionaries(
    st.sampled_from(["r1", "r2", "r3"]),
    st.dictionaries(STRETCHES, st.tuples(st.integers(2, 5), st.integers(3, 9))),
)


@given(HELD, st.sets(STRETCHES))
def test_every_stretch_has_one_owner_and_used_ones_have_none(held, used) -> None:  # type: ignore[no-untyped-def]
    owned = assign_stretches(held, used=used)
    listed = [stretch for some in owned.values() for stretch in some]
    assert len(listed) == len(set(listed))
    assert set(listed) == {stretch for some in held.values() for stretch in some} - used
    for room, some in owned.items():
        assert all(held[room][one] >= other.get(one, (0, 0)) for one in some for other in held.values())


@given(HELD)
def test_the_order_of_rooms_plays_no_part(held) -> None:  # type: ignore[no-untyped-def]
    assert assign_stretches(held) == assign_stretches(dict(reversed(held.items())))


def test_rooms_that_see_the_same_share_the_stretches() -> None:
    same = {f"s{i}": (3, 9) for i in range(300)}
    owned = assign_stretches({"a": same, "b": same, "c": dict.fromkeys(same, (2, 99))})
    assert min(len(owned["a"]), len(owned["b"])) > 100
    assert not owned["c"]
