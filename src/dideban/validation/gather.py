"""Results of a run, looked up by part and parameters, and the figures that several sections need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dideban.validation.model import Job, Result
from dideban.validation.score import false_share

Entry = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Run:
    """Jobs that have a result, in the order of the plan."""

    jobs: Sequence[Job]
    results: Mapping[str, Result]

    def of(self, part: str, **params: Any) -> list[Result]:
        """Return the results of a part whose jobs have these parameters."""
        return [self.results[job.key] for job in self.jobs_of(part, **params)]

    def jobs_of(self, part: str, **params: Any) -> list[Job]:
        """Return the measured jobs of a part with these parameters."""
        return [
            job
            for job in self.jobs
            if job.part == part
            and job.key in self.results
            and all(job.params.get(name) == value for name, value in params.items())
        ]


def claims(result: Result) -> list[Entry]:
    """Return the findings of a result, leads left out."""
    return [one for one in result["findings"] if not one["is_lead"]]


def leads(result: Result) -> list[Entry]:
    """Return the leads of a result."""
    return [one for one in result["findings"] if one["is_lead"]]


def plants(results: Sequence[Result], keep: Callable[[Entry], bool] = lambda plant: True) -> list[Entry]:
    """Return the plants of all results that are to be kept."""
    return [plant for result in results for plant in result["plants"] if keep(plant)]


def is_hidden(plant: Entry) -> bool:
    """Return whether a plant acts on popular objects, within 40 s."""
    return bool(plant["where"] == "popular" and plant["jitter_s"] <= 40)


def is_slow(plant: Entry) -> bool:
    """Return whether a plant acts on popular objects, over minutes or hours."""
    return bool(plant["where"] == "popular" and plant["jitter_s"] > 40)


def n_found(some: Sequence[Entry], field: str = "found") -> int:
    """Return how many plants are found."""
    return sum(bool(plant[field]) for plant in some)


def false_shares(results: Sequence[Result], *, ordinary: bool = True) -> list[float]:
    """Return the share of false findings of every stream."""
    return [false_share(result, ordinary=ordinary) for result in results]


def in_part(results: Sequence[Result]) -> tuple[int, int]:
    """Return how many plants have a finding of them, however few of their members it holds, and how many there are."""
    hits = n = 0
    for result in results:
        of = {finding["of"] for finding in claims(result)}
        hits += sum(f"plant-{number:02d}" in of for number in range(len(result["plants"])))
        n += len(result["plants"])
    return hits, n
