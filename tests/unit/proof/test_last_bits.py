"""Every e-value moved by a part in 10^12: the same groups, leads, members and divisions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dideban.config import Config, ProofConfig
from dideban.proof import hypotheses, kinds_together, members, prove_groups
from dideban.schema import PROOF_TRACES

CONFIG = Config(proof=ProofConfig(n_shuffles=0))
MOVED = (
    (hypotheses, "weigh_placements"),
    (hypotheses, "log_e_exclusive"),
    (members, "weigh_follows"),
    (kinds_together, "mean_of_bets"),
    (kinds_together, "log_e_together"),
)


def test_last_bits_of_evidence_turn_no_decision(planted, monkeypatch):
    before = prove_groups(planted.traces, objects=planted.objects, config=CONFIG)
    chance = np.random.default_rng(1)
    n_moved = 0
    for module, name in MOVED:
        compute = getattr(module, name)

        def moved(*arguments: Any, compute: Any = compute, **more: Any) -> Any:
            nonlocal n_moved
            log_e = compute(*arguments, **more)
            n_moved += log_e.size
            return log_e + chance.choice([-1e-12, 1e-12], log_e.shape)

        monkeypatch.setattr(module, name, moved)
    after = prove_groups(planted.traces, objects=planted.objects, config=CONFIG)
    assert n_moved > 1_000
    assert before.groups.height
    assert after.groups.equals(before.groups)
    assert after.splits == before.splits
    same = [name for name in PROOF_TRACES.names if name not in ("e_value", "p_value")]
    assert after.proof_traces.select(same).equals(before.proof_traces.select(same))
    assert after.proofs["is_lead"].equals(before.proofs["is_lead"])
    assert after.proofs["e_value"].to_list() == pytest.approx(before.proofs["e_value"].to_list(), rel=1e-9)
