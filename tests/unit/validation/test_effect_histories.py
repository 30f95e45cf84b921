"""Made-up histories of responses: nothing is claimed without an effect, and a move is seen."""

from __future__ import annotations

import json
from dataclasses import asdict

from dideban.validation.effect_histories import follow_for_a_year, moves


def test_a_move_is_seen_and_none_is_claimed_without_one() -> None:
    still, moved = moves([1, 2], share=0.0, n_responses=8), moves([1, 2], share=1.0, n_responses=8)
    assert moved.n == still.n > 10
    assert moved.more > 2 * still.more
    assert moved.more_pooled == 2 > still.more_pooled
    assert json.loads(json.dumps(asdict(moved)))["more_pooled"] == 2  # as it is kept


def test_running_evidence_is_looked_at_after_every_response() -> None:
    found = follow_for_a_year([1], n_responses=6, n_units=200)
    assert (found.n, found.n_responses) == (1, 6)
    assert json.loads(json.dumps(asdict(found)))["passed"] == 0  # as it is kept
