"""Oblivious names: the vectors of RFC 9497, and what a lying key holder or asker gets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.errors import InputError
from dideban.joint.oprf import (
    CONTEXT,
    GENERATOR,
    MAX_BATCH,
    PLAIN_CONTEXT,
    Evaluated,
    blind,
    check_evaluated,
    derive_key,
    evaluate,
    finalize,
    public_key,
)
from dideban.joint.ristretto import (
    IDENTITY,
    ORDER,
    add,
    check_point,
    check_scalar,
    inverse,
    random_scalar,
    times,
    times_base,
)

SEED, INFO = bytes([0xA3]) * 32, b"test key"
FACTORS = [
    bytes.fromhex("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"),
    bytes.fromhex("222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e"),
]
INPUTS = [b"\0", b"\x5a" * 17]
KEY, KNOWN = derive_key(SEED, info=INFO), public_key(derive_key(SEED, info=INFO))


def test_the_key_of_the_rfc_is_derived() -> None:
    assert derive_key(SEED, info=INFO, context=PLAIN_CONTEXT).hex() == (
        "5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e"
    )
    assert KEY.hex() == "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909"
    assert KNOWN.hex() == "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e"


@pytest.mark.parametrize(
    ("number", "blinded", "evaluated", "output"),
    [
        (
            0,
            "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c",
            "7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e",
            "527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3"
            "ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6",
        ),
        (
            1,
            "da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418",
            "b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25",
            "f4a74c9c592497375e796aa837e907b1a045d34306a749db9f34221f7e750cb4"
            "f2a6413a6bf6fa5e19ba6348eb673934a722a7ede2e7621306d18951e7cf2c73",
        ),
    ],
)
def test_vectors_without_a_proof(number: int, blinded: str, evaluated: str, output: str) -> None:
    """RFC 9497, A.1.1."""
    key = derive_key(SEED, info=INFO, context=PLAIN_CONTEXT)
    factor, point = blind(INPUTS[number], factor=FACTORS[0], context=PLAIN_CONTEXT)
    assert point.hex() == blinded
    answer = times(key, point)
    assert answer.hex() == evaluated
    assert finalize(INPUTS[number], factor=factor, answer=answer).hex() == output


def test_a_vector_with_a_proof() -> None:
    """RFC 9497, A.1.2.1."""
    _, point = blind(INPUTS[0], factor=FACTORS[0])
    assert point.hex() == "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945"
    answer = evaluate(KEY, [point], nonce=FACTORS[1])
    assert answer.points[0].hex() == "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e"
    assert answer.proof.hex() == (
        "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06"
        "6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d"
    )
    assert check_evaluated(KNOWN, [point], answer) == answer.points


def test_a_batch_with_a_proof() -> None:
    """RFC 9497, A.1.2.3."""
    asked = [blind(data, factor=factor) for data, factor in zip(INPUTS, FACTORS, strict=True)]
    points = [point for _, point in asked]
    nonce = bytes.fromhex("419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c")
    answer = evaluate(KEY, points, nonce=nonce)
    found = check_evaluated(KNOWN, points, answer)
    outputs = [finalize(data, factor=f, answer=at).hex() for data, (f, _), at in zip(INPUTS, asked, found, strict=True)]
    assert outputs == [
        "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d"
        "a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c",
        "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60"
        "356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6",
    ]


def test_two_holders_give_one_name_in_either_order() -> None:
    one, other = random_scalar(), random_scalar()
    factor, point = blind(b"account")
    there = evaluate(other, evaluate(one, [point]).points).points[0]
    back = evaluate(one, evaluate(other, [point]).points).points[0]
    assert there == back
    again, hidden = blind(b"account")
    assert hidden != point
    third = evaluate(one, evaluate(other, [hidden]).points).points[0]
    assert finalize(b"account", factor=factor, answer=there) == finalize(b"account", factor=again, answer=third)


def test_a_holder_cannot_swap_its_key() -> None:
    _, point = blind(b"account")
    with pytest.raises(InputError) as caught:
        check_evaluated(KNOWN, [point], evaluate(random_scalar(), [point]))
    assert caught.value.message.code == "joint.bad-proof"


def test_no_answer_of_a_batch_can_be_changed() -> None:
    points = [blind(bytes([i]))[1] for i in range(3)]
    answer = evaluate(KEY, points)
    swapped = [answer.points[1], answer.points[0], answer.points[2]]
    other = [*answer.points[:2], times(random_scalar(), points[2])]
    for wrong in (swapped, other):
        with pytest.raises(InputError):
            check_evaluated(KNOWN, points, Evaluated(points=wrong, proof=answer.proof))
    for i in (0, 31, 32, 63):
        proof = bytearray(answer.proof)
        proof[i] ^= 1
        with pytest.raises(InputError):
            check_evaluated(KNOWN, points, Evaluated(points=answer.points, proof=bytes(proof)))
    with pytest.raises(InputError):
        check_evaluated(KNOWN, points[:2], answer)


NOT_CANONICAL = (2**255 - 19 + 2).to_bytes(32, "little")
NEGATIVE = (1).to_bytes(32, "little")


@pytest.mark.parametrize(
    "point",
    [IDENTITY, NOT_CANONICAL, NEGATIVE, b"\xff" * 32, b"", b"\0" * 31, GENERATOR + b"\0"],
    ids=["identity", "not-canonical", "negative", "ones", "empty", "short", "long"],
)
def test_what_is_no_point_is_refused(point: bytes) -> None:
    with pytest.raises(InputError):
        check_point(point)
    with pytest.raises(InputError):
        evaluate(KEY, [point])
    with pytest.raises(InputError):
        check_evaluated(point, [GENERATOR], evaluate(KEY, [GENERATOR]))
    with pytest.raises(InputError):
        finalize(b"x", factor=FACTORS[0], answer=point)


@pytest.mark.parametrize("scalar", [bytes(32), ORDER.to_bytes(32, "little"), b"\xff" * 32, b"\1"])
def test_what_is_no_scalar_is_refused(scalar: bytes) -> None:
    for use in (check_scalar, public_key):
        with pytest.raises(InputError):
            use(scalar)


@pytest.mark.parametrize("size", [0, MAX_BATCH + 1])
def test_batches_are_bounded(size: int) -> None:
    with pytest.raises(InputError) as caught:
        evaluate(KEY, [GENERATOR] * size)
    assert caught.value.message.code == "joint.batch-size"


@given(st.binary(max_size=200))
def test_what_the_holder_sees_says_nothing_about_the_input(data: bytes) -> None:
    """The same input under two factors is two points; taking either factor away gives the same point."""
    (one, first), (other, second) = blind(data), blind(data)
    assert first != second
    assert times(inverse(one), first) == times(inverse(other), second)


def test_the_generator_is_that_of_the_library() -> None:
    one = (1).to_bytes(32, "little")
    assert times_base(one) == GENERATOR
    assert add(GENERATOR, GENERATOR) == times_base((2).to_bytes(32, "little"))


def test_the_modes_do_not_mix() -> None:
    make: Callable[[bytes], bytes] = lambda context: blind(b"a", factor=FACTORS[0], context=context)[1]  # noqa: E731
    assert make(CONTEXT) != make(PLAIN_CONTEXT)
