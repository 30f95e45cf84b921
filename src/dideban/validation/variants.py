"""The method with one thing changed: constants set for the length of a measurement, the code left as it is."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from dideban.config import Config
from dideban.proof import (
    blocks,
    exclusive,
    followers,
    hypotheses,
    kinds_together,
    nuisance_nulls,
    ordinary_reasons,
    overlapping_claims,
    placement,
    propose,
    split,
    strata,
)

SCALES = {
    "scales 60 s only": (60.0,),
    "scales 10, 60 s": (10.0, 60.0),
    "scales 30, 300, 3,000 s": (30.0, 300.0, 3000.0),
}
SPLITS = {"1 division": 1, "4 divisions": 4}
HOUR_S = 3600.0


def _stretch(length_s: float) -> list[tuple[Any, str, Any]]:
    holders = [(module, "STRETCH_S", length_s) for module in (blocks, strata, split) if hasattr(module, "STRETCH_S")]
    return [*holders, (blocks.Scale, "bin_s", property(lambda self: max(length_s, 6.0 * self.window_s)))]


def _one_bet(present: Any) -> Any:
    return np.repeat(placement.TAKES[None, :], len(present), axis=0)


def _nobody_follows(_cells: Any, _masks: Any, groups: Any, _promise: Any) -> Any:
    return np.zeros(len(groups), bool)


PATCHES: dict[str, list[tuple[Any, str, Any]]] = {
    "as it is": [],
    "no habits": [(kinds_together, "NUISANCE_NULLS", nuisance_nulls.NUISANCE_NULLS[:1])],
    "one bet": [
        (placement, "LIFTS", np.array([0.8])),
        (exclusive, "LIFTS", np.array([0.8])),
        (placement, "TAKES", np.array([0.5])),
        (placement, "_takes", _one_bet),
    ],
    "proposals by count only": [(propose, "CUTS", ())],
    "proposals by excess only": [(propose, "COUNTS", ())],
    "followers of one origin kept": [
        (hypotheses, "prompt_followers", _nobody_follows),
        (ordinary_reasons, "follow_one_source", lambda _strata, groups: np.zeros(len(groups), bool)),
    ],
    "stretch 2 h": _stretch(2 * HOUR_S),
    "stretch 8 h": _stretch(8 * HOUR_S),
    "age factor 4": [(blocks, "AGE_FACTOR", 4.0)],
    "age factor 64": [(blocks, "AGE_FACTOR", 64.0)],
    "kappa 1": [(nuisance_nulls, "KAPPA", 1.0)],
    "kappa 16": [(nuisance_nulls, "KAPPA", 16.0)],
    "one origin 0.5": [(followers, "ONE_ORIGIN", 0.5)],
    "one origin 0.9": [(followers, "ONE_ORIGIN", 0.9)],
    "least density 0.2": [(propose, "MIN_DENSITY", 0.2)],
    "least density 0.7": [(propose, "MIN_DENSITY", 0.7)],
    "overlap 0.3": [(overlapping_claims, "OVERLAP", 0.3)],
    "overlap 0.8": [(overlapping_claims, "OVERLAP", 0.8)],
}
"""Variant to (module, name, value): module constants, or functions, set while it is measured."""

ABLATIONS = (
    "as it is",
    "scales 60 s only",
    "no habits",
    "followers of one origin kept",
    "1 division",
    "4 divisions",
    "one bet",
    "proposals by count only",
    "proposals by excess only",
)
SENSITIVITIES = (
    "stretch 2 h",
    "stretch 8 h",
    "age factor 4",
    "age factor 64",
    "kappa 1",
    "kappa 16",
    "scales 10, 60 s",
    "scales 30, 300, 3,000 s",
    "one origin 0.5",
    "one origin 0.9",
    "least density 0.2",
    "least density 0.7",
    "overlap 0.3",
    "overlap 0.8",
)


@contextlib.contextmanager
def variant(name: str, config: Config) -> Iterator[Config]:
    """Set the constants of a variant and give its settings; everything is put back afterwards.

    Raises
    ------
    KeyError
        No such variant.
    AttributeError
        The method no longer has what the variant would change.
    """
    proof = config.proof
    if name in SCALES:
        proof = dataclasses.replace(proof, scales_s=SCALES[name])
    elif name in SPLITS:
        proof = dataclasses.replace(proof, n_splits=SPLITS[name])
    patches = [] if name in SCALES or name in SPLITS else PATCHES[name]
    before = [(holder, attribute, vars(holder)[attribute]) for holder, attribute, _ in _present(patches)]
    try:
        for holder, attribute, value in patches:
            setattr(holder, attribute, value)
        yield dataclasses.replace(config, proof=proof)
    finally:
        for holder, attribute, value in before:
            setattr(holder, attribute, value)


def _present(patches: list[tuple[Any, str, Any]]) -> list[tuple[Any, str, Any]]:
    for holder, attribute, _ in patches:
        if attribute not in vars(holder):
            raise AttributeError(f"{holder.__name__} has no {attribute}: the variant needs to follow the method")
    return patches
