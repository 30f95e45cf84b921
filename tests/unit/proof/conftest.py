"""A small world with one planted group, and one without, analysed once."""

from __future__ import annotations

import pytest

from dideban.config import Config, ProofConfig
from dideban.proof import Proof, prove_groups
from dideban.simulate import Plant, Stream, make_stream

CONFIG = Config(seed=1, threads=2, proof=ProofConfig(n_shuffles=2))


@pytest.fixture(scope="session")
def planted() -> Stream:
    return make_stream(
        seed=3, n_accounts=1_500, n_shares=30_000, plants=[Plant(n_accounts=8, n_operations=30, jitter_s=30)]
    )


@pytest.fixture(scope="session")
def members(planted: Stream) -> set[str]:
    return set(planted.truth.filter(planted.truth["kind"] == "plant")["account_id"].to_list())


@pytest.fixture(scope="session")
def proved(planted: Stream) -> Proof:
    return prove_groups(planted.traces, objects=planted.objects, config=CONFIG)
