"""One job beside the main one: started when its input is ready, asked for when its result is needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")


def n_workers(threads: int) -> int:
    """Return how many threads work beside each other; 0 threads = one per processor.

    More would not be faster, and each of them holds tables of its own.
    """
    return threads or os.cpu_count() or 1


class BackgroundTask:
    """A thread for work that can wait for its turn; it ends early when the main work fails or is interrupted.

    Parameters
    ----------
    threads : count
        1 = no thread: jobs run when they are asked for.
    """

    def __init__(self, threads: int = 0) -> None:
        self._pool = None if threads == 1 else ThreadPoolExecutor(1)
        self._stopped = Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._stopped.set()
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def start(self, job: Callable[[Callable[[], None]], T]) -> Callable[[], T]:
        """Start a job and return how to get its result; it is given a function to call between steps.

        That function raises once the main work has failed, so that no one waits for a result that no one wants.
        """
        if self._pool is None:
            return lambda: job(self._go_on)
        return self._pool.submit(job, self._go_on).result

    def _go_on(self) -> None:
        if self._stopped.is_set():
            raise RuntimeError("the work that this was for has ended")


__all__ = ["BackgroundTask", "n_workers"]
