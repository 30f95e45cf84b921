"""What a run tests and what its copies with exchanged accounts have in common with it: made once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from dideban.background import n_workers
from dideban.config import Config
from dideban.proof.blocks import Blocks, KindTraces
from dideban.proof.hypotheses import OWN_SHARE
from dideban.proof.own_pace import Together, choose_together
from dideban.proof.split import Split
from dideban.proof.strata import Stratum, exchanged_stratum, make_strata
from dideban.remembered import Remembered

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class SharedSlots:
    """What is tested, and what copies with exchanged accounts have in common with it: slots, and who shares what."""

    strata: list[Stratum]
    blocks: list[Blocks]
    together: list[Together]


def cut_slots(
    kinds: Sequence[KindTraces],
    scales: Sequence[float],
    splits: Sequence[Split],
    config: Config,
    *,
    n_accounts: int,
    step: Callable[[], object],
    memory: Remembered | None = None,
) -> SharedSlots:
    """Cut every kind at every scale; ``step`` is called after each part."""

    def cut(task: tuple[KindTraces, float]) -> list[Stratum]:
        return make_strata([task[0]], [task[1]], n_accounts=n_accounts, stretch_s=splits[0].least_stretch_s)

    with ThreadPoolExecutor(n_workers(config.threads)) as pool:
        together = pool.submit(
            choose_together, kinds, n_accounts=n_accounts, max_size=config.proof.max_size, seed=splits[0].seed,
            fdr=OWN_SHARE * config.fdr, memory=memory,
        )  # fmt: skip
        parts = each_counted(pool.map(cut, [(kind, s) for kind in kinds for s in scales]), step)
        strata = [stratum for part in parts for stratum in part]
        return SharedSlots(strata=strata, blocks=[stratum.blocks for stratum in strata], together=together.result())


def exchange_accounts(
    slots: SharedSlots, config: Config, *, n_accounts: int, seed: int, step: Callable[[], object]
) -> SharedSlots:
    """Return a copy with exchanged accounts."""

    def exchange(blocks: Blocks) -> Stratum:
        return exchanged_stratum(blocks, n_accounts=n_accounts, seed=seed)

    with ThreadPoolExecutor(n_workers(config.threads)) as pool:
        return replace(slots, strata=each_counted(pool.map(exchange, slots.blocks), step))


def each_counted(results: Iterable[T], step: Callable[[], object]) -> list[T]:
    """Return results as they come, and call ``step`` after each."""
    kept = []
    for one in results:
        kept.append(one)
        step()
    return kept


__all__ = ["SharedSlots", "cut_slots", "each_counted", "exchange_accounts"]
