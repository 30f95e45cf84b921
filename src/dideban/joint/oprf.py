"""Oblivious names (RFC 9497, ristretto255-SHA512): who holds the key never sees the input, who asks never sees the key.

The verifiable mode: with each answer comes a proof that the key of the published public key gave it, so that a key
holder cannot give one asker names of another key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from dideban.errors import InputError
from dideban.joint.ristretto import (
    IDENTITY,
    ORDER,
    POINT_BYTES,
    SCALAR_BYTES,
    add,
    check_point,
    check_scalar,
    hash_to_point,
    hash_to_scalar,
    inverse,
    random_scalar,
    times,
    times_base,
)

CONTEXT = b"OPRFV1-\x01-ristretto255-SHA512"
"""Of the verifiable mode."""
PLAIN_CONTEXT = b"OPRFV1-\x00-ristretto255-SHA512"
"""Of the mode without a proof, which only the RFC's vectors use here."""
MAX_BATCH = 10_000
"""Points of one request and proof."""
PROOF_BYTES = 2 * SCALAR_BYTES
GENERATOR = bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """What a key holder answers to a batch."""

    points: list[bytes]
    proof: bytes


def derive_key(seed: bytes, *, info: bytes, context: bytes = CONTEXT) -> bytes:
    """Return the private key that a seed of 32 bytes stands for.

    Raises
    ------
    InputError
        Another length.
    """
    if len(seed) != 32 or len(info) > 65_535:
        raise InputError("joint.bad-seed")
    known = seed + len(info).to_bytes(2, "big") + info
    for counter in range(256):
        key = hash_to_scalar(known + bytes([counter]), tag=b"DeriveKeyPair" + context)
        if any(key):
            return key
    raise InputError("joint.bad-seed")


def public_key(key: bytes) -> bytes:
    """Return the public key of a private one."""
    return times_base(check_scalar(key))


def blind(data: bytes, *, factor: bytes | None = None, context: bytes = CONTEXT) -> tuple[bytes, bytes]:
    """Return a factor that only the asker knows, and the point that hides data from the key holder.

    Parameters
    ----------
    factor : scalar
        Only for tests; None = drawn by the system.
    """
    point = hash_to_point(data, tag=b"HashToGroup-" + context)
    if point == IDENTITY:
        raise InputError("joint.bad-point")
    factor = random_scalar() if factor is None else check_scalar(factor)
    return factor, times(factor, point)


def evaluate(key: bytes, points: Sequence[bytes], *, nonce: bytes | None = None) -> Evaluated:
    """Answer a batch as its key holder.

    Parameters
    ----------
    points : 1 to MAX_BATCH blinded points
    nonce : scalar
        Only for tests; None = drawn by the system.

    Raises
    ------
    InputError
        The batch is too large or empty, or one of them is no point, not canonical, or the identity.
    """
    _check_size(points)
    answers = [times(key, check_point(point)) for point in points]
    own = public_key(key)
    mixed = _mix(points, _weights(own, points, answers))
    product = times(key, mixed)
    nonce = random_scalar() if nonce is None else check_scalar(nonce)
    challenge = _challenge(own, mixed, product, times_base(nonce), times(nonce, mixed))
    secret = int.from_bytes(nonce, "little") - int.from_bytes(challenge, "little") * int.from_bytes(key, "little")
    return Evaluated(points=answers, proof=challenge + (secret % ORDER).to_bytes(SCALAR_BYTES, "little"))


def check_evaluated(known: bytes, points: Sequence[bytes], answer: Evaluated) -> list[bytes]:
    """Return the points of an answer that the key of ``known`` gave.

    Parameters
    ----------
    known : public key
        As the charter of the epoch names it.
    points : blinded points
        Those that were sent.

    Raises
    ------
    InputError
        Another key gave the answer, or it is not an answer to these points.
    """
    _check_size(points)
    if len(answer.points) != len(points) or len(answer.proof) != PROOF_BYTES:
        raise InputError("joint.bad-answer")
    for point in answer.points:
        check_point(point)
    challenge, secret = answer.proof[:SCALAR_BYTES], answer.proof[SCALAR_BYTES:]
    if max(int.from_bytes(challenge, "little"), int.from_bytes(secret, "little")) >= ORDER:
        raise InputError("joint.bad-proof")
    weights = _weights(check_point(known), points, answer.points)
    mixed, product = _mix(points, weights), _mix(answer.points, weights)
    base = _sum(secret, GENERATOR, challenge, known)
    other = _sum(secret, mixed, challenge, product)
    if _challenge(known, mixed, product, base, other) != challenge:
        raise InputError("joint.bad-proof")
    return list(answer.points)


def finalize(data: bytes, *, factor: bytes, answer: bytes) -> bytes:
    """Return the 64 bytes that stand for data under the key."""
    point = times(inverse(factor), check_point(answer))
    parts = len(data).to_bytes(2, "big") + data + POINT_BYTES.to_bytes(2, "big") + point
    return hashlib.sha512(parts + b"Finalize").digest()


def _check_size(points: Sequence[bytes]) -> None:
    if not 1 <= len(points) <= MAX_BATCH:
        raise InputError("joint.batch-size", n=len(points), most=MAX_BATCH)


def _weights(known: bytes, points: Sequence[bytes], answers: Sequence[bytes]) -> list[bytes]:
    """Return a weight for each pair that nobody can choose: one proof then speaks for all of them."""
    tag = b"Seed-" + CONTEXT
    seed = hashlib.sha512(_sized(known) + _sized(tag)).digest()
    return [
        hash_to_scalar(
            _sized(seed) + i.to_bytes(2, "big") + _sized(one) + _sized(other) + b"Composite",
            tag=b"HashToScalar-" + CONTEXT,
        )
        for i, (one, other) in enumerate(zip(points, answers, strict=True))
    ]


def _mix(points: Sequence[bytes], weights: Sequence[bytes]) -> bytes:
    total = IDENTITY
    for weight, point in zip(weights, points, strict=True):
        if any(weight):
            total = add(total, times(weight, point))
    return check_point(total)


def _sum(one: bytes, point: bytes, other: bytes, second: bytes) -> bytes:
    """Return ``one * point + other * second``, where a scalar may be 0."""
    total = IDENTITY
    for scalar, at in ((one, point), (other, second)):
        if any(scalar):
            total = add(total, times(scalar, at))
    return total


def _challenge(known: bytes, mixed: bytes, product: bytes, one: bytes, other: bytes) -> bytes:
    parts = b"".join(_sized(part) for part in (known, mixed, product, one, other))
    return hash_to_scalar(parts + b"Challenge", tag=b"HashToScalar-" + CONTEXT)


def _sized(part: bytes) -> bytes:
    return len(part).to_bytes(2, "big") + part
