"""Blinded names: what stands for an account, or for a stretch of time of one group, between rooms in one epoch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dideban.joint.oprf import MAX_BATCH, Evaluated, blind, check_evaluated, finalize

NAME_CHARS = 64
"""Hexadecimal digits of a blinded name: half of what the function gives."""
Ask = Callable[[Sequence[bytes]], Evaluated]
"""A key holder: blinded points in, its answer out."""


@dataclass(frozen=True, kw_only=True)
class KeyHolder:
    """A key holder as a room sees it."""

    public: bytes
    """Public key, as the charter of the epoch names it."""
    ask: Ask


def account_input(account_id: str) -> bytes:
    """Return what is named of an account: its id as all rooms know it, on its platform."""
    return b"account\0" + account_id.encode()[:1_000]


def stretch_input(names: Sequence[str], stretch: int) -> bytes:
    """Return what is named of a stretch of time: of another group it has another name."""
    group = hashlib.sha256("\n".join(names).encode()).digest()
    return b"stretch\0" + group + stretch.to_bytes(8, "big", signed=True)


def blinded_names(inputs: Sequence[bytes], holders: Sequence[KeyHolder]) -> list[str]:
    """Ask all key holders for the names of inputs; none of them sees an input, nor a name.

    Raises
    ------
    InputError
        A key holder did not answer with the key of the charter.
    """
    return [
        name
        for start in range(0, len(inputs), MAX_BATCH)
        for name in _batch(inputs[start : start + MAX_BATCH], holders)
    ]


def _batch(inputs: Sequence[bytes], holders: Sequence[KeyHolder]) -> list[str]:
    hidden = [blind(data) for data in inputs]
    points = [point for _, point in hidden]
    for holder in holders:
        points = check_evaluated(holder.public, points, holder.ask(points))
    return [
        finalize(data, factor=factor, answer=point).hex()[:NAME_CHARS]
        for data, (factor, _), point in zip(inputs, hidden, points, strict=True)
    ]
