"""Claims at a stated false discovery rate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.stats.error_control import bh, claim, e_bh
from oracles import proof as oracle

log_es = st.lists(st.floats(-5, 15), max_size=40).map(np.array)
rates = st.sampled_from([0.01, 0.05, 0.2, 0.5])


@given(log_es, rates)
@settings(max_examples=300, deadline=None)
def test_e_bh_is_the_textbook_procedure(log_e, fdr):
    assert e_bh(log_e, fdr=fdr).tolist() == oracle.e_bh(log_e, fdr=fdr).tolist()


@given(st.lists(st.floats(0, 1), max_size=40).map(np.array), rates)
@settings(max_examples=200, deadline=None)
def test_bh_is_the_textbook_procedure(p, fdr):
    assert bh(p, fdr=fdr).tolist() == oracle.bh(p, fdr=fdr).tolist()


@given(log_es, rates, st.integers(1, 6), st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_claims_pay_for_themselves(log_e, fdr, size, seed):
    """Every claim has ``e * share >= 1 / (fdr * R)``, R counted after merging; nothing below is ever claimed."""
    m = len(log_e)
    shares = np.random.default_rng(seed).dirichlet(np.ones(m)) if m else np.empty(0)
    kind = np.arange(m) // size

    def count(mask):
        return len(set(kind[mask].tolist()))

    mask = claim(log_e, shares, fdr=fdr, count=count)
    assert mask.shape == (m,)
    score = log_e + np.log(shares)
    payable = [lv for lv in score.tolist() if np.exp(lv) * fdr * count(score >= lv) >= 1 + 1e-9]
    assert mask.sum() >= (score >= min(payable)).sum() if payable else True
    if mask.any():
        needed = 1 / (fdr * count(mask))
        assert (np.exp(log_e[mask]) * shares[mask] >= needed * (1 - 1e-9)).all()
        assert not (np.exp(log_e[~mask]) * shares[~mask] > (np.exp(log_e[mask]) * shares[mask]).min()).any()


@given(log_es, rates, st.data())
@settings(max_examples=100, deadline=None)
def test_more_evidence_never_loses_a_claim(log_e, fdr, data):
    before = e_bh(log_e, fdr=fdr)
    more = log_e + np.array(data.draw(st.lists(st.floats(0, 5), min_size=len(log_e), max_size=len(log_e))))
    assert (e_bh(more, fdr=fdr) >= before).all()


def test_merging_raises_the_bar():
    log_e = np.log(np.full(10, 25.0))
    shares = np.full(10, 0.1)
    assert claim(log_e, shares, fdr=0.05, count=lambda mask: int(mask.sum())).all()
    assert not claim(log_e, shares, fdr=0.05, count=lambda mask: 1).any()
    assert claim(log_e + np.log(10), shares, fdr=0.05, count=lambda mask: 1).all()


def test_no_budget_no_claim():
    assert claim(np.array([700.0, 1.0]), np.array([0.0, 1.0]), fdr=0.05, count=np.sum).tolist() == [False, False]
    assert e_bh(np.array([np.inf, -np.inf]), fdr=0.05).tolist() == [True, False]


def false_share(rng, *, n_true, n_null, rho, n_runs, fdr):
    """Mean false discovery proportion of e-BH where log e-values share one factor."""
    shares = []
    strength = 2.0
    for _ in range(n_runs):
        noise = np.sqrt(rho) * rng.normal() + np.sqrt(1 - rho) * rng.normal(size=n_true + n_null)
        shift = np.where(np.arange(n_true + n_null) < n_true, 4.0, 0.0)
        mask = e_bh(strength * (noise + shift) - strength**2 / 2, fdr=fdr)
        shares.append(mask[n_true:].sum() / max(mask.sum(), 1))
    return np.mean(shares), np.std(shares) / np.sqrt(n_runs)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.99])
@pytest.mark.parametrize("n_true", [0, 20])
def test_false_discovery_rate_holds_under_dependence(rho, n_true):
    mean, error = false_share(np.random.default_rng(7), n_true=n_true, n_null=100, rho=rho, n_runs=2000, fdr=0.2)
    assert mean <= 0.2 + 3 * error


def test_false_discovery_rate_holds_where_it_is_tight():
    """All nulls rise together to exactly the bar, as often as a mean of 1 allows: the rate is used up, not passed."""
    rng = np.random.default_rng(3)
    fdr, n_runs = 0.1, 5000
    claimed = [e_bh(np.full(30, np.log(1 / fdr) if up else -np.inf), fdr=fdr).any() for up in rng.random(n_runs) < fdr]
    assert np.mean(claimed) == pytest.approx(fdr, abs=3 * np.sqrt(fdr * (1 - fdr) / n_runs))
