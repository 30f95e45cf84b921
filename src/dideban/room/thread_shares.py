"""Who gets a thread of the pages next: those who took little of the processor of late go first.

One address never has more than half of the threads, nor do requests that change something. An address that took more
than its share of the processor waits while others ask as well, two seconds at most, and then has one thread: threads
share one interpreter, so that each thread of a flood slows every page of the others.

For the same reason few requests are answered side by side: twelve threads that pass one interpreter around take half
as much again of the processor for each page as four. A request that takes long, which mostly waits for a disk or a
database, makes room for others.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

HALF_LIFE_S = 5.0
HEAVY_S = 2.5
"""Seconds of the processor, newest counted most: about a third of one core, all the time."""
PATIENCE_S = 2.0
"""An address that took much waits this long for the others at most: a busy newsroom behind one address reads on."""
LONG_S = 1.0
"""A request that was not answered within this time takes a thread, and no place among those answered side by side."""
MOST_REMEMBERED = 4_096


@dataclass(eq=False)
class Waiting:
    """A request that waits for a thread, or has one."""

    address: str
    granted: asyncio.Future[None]
    writes: bool
    since: float
    began: float = 0.0


@dataclass
class Spent:
    """Seconds of the processor that an address took, halved every few seconds."""

    seconds: float = 0.0
    at: float = 0.0

    def now(self, at: float) -> float:
        """Return what is left of it."""
        left: float = self.seconds * 0.5 ** ((at - self.at) / HALF_LIFE_S)
        return left


@dataclass
class ThreadShares:
    """Hands out threads; used from one event loop."""

    threads: int
    clock: Callable[[], float] = time.monotonic
    patience_s: float = PATIENCE_S
    at_once: int = 0
    """Requests that are answered side by side, of those that began within ``long_s``; 0 = as many as threads."""
    long_s: float = LONG_S
    running: set[Waiting] = field(default_factory=set)
    waiting: dict[str, deque[Waiting]] = field(default_factory=dict)
    busy: Counter[str] = field(default_factory=Counter)
    spent: OrderedDict[str, Spent] = field(default_factory=OrderedDict)
    n_writing: int = 0

    @contextlib.asynccontextmanager
    async def turn(self, address: str, *, writes: bool) -> AsyncIterator[None]:
        """Wait for a thread, and give it back."""
        loop = asyncio.get_running_loop()
        mine = Waiting(address, loop.create_future(), writes, self.clock())
        self.waiting.setdefault(address, deque()).append(mine)
        self._grant()
        # Whoever is busy may be so for long: nobody would look again until then.
        again = None if mine.granted.done() else loop.call_later(self.patience_s + 0.01, self._grant)
        try:
            await mine.granted
            yield
        finally:
            if again is not None:
                again.cancel()
            self._give_back(address, mine)

    def note(self, address: str, seconds: float) -> None:
        """Count seconds of the processor against an address."""
        at = self.clock()
        self.spent[address] = Spent(self._spent(address, at) + seconds, at)
        self.spent.move_to_end(address)
        while len(self.spent) > MOST_REMEMBERED:
            self.spent.popitem(last=False)

    def _spent(self, address: str, at: float) -> float:
        known = self.spent.get(address)
        return known.now(at) if known else 0.0

    def _give_back(self, address: str, mine: Waiting) -> None:
        was_granted = mine.granted.done() and not mine.granted.cancelled()
        if was_granted:
            self.running.discard(mine)
            self.busy[address] -= 1
            self.n_writing -= mine.writes
        elif mine in (queue := self.waiting.get(address, deque())):
            queue.remove(mine)
        self._forget(address)
        self._grant()

    def _forget(self, address: str) -> None:
        if not self.busy[address]:
            del self.busy[address]
        if address in self.waiting and not self.waiting[address]:
            del self.waiting[address]

    def _grant(self) -> None:
        """Give free threads to those who wait."""
        while self.busy.total() < self.threads and self._young() < self._places and (found := self._next()):
            address, one = found
            self.waiting[address].remove(one)
            self.busy[address] += 1
            self.n_writing += one.writes
            one.began = self.clock()
            self.running.add(one)
            if self._places < self.threads:  # whoever takes long makes room: somebody has to look then
                asyncio.get_running_loop().call_later(self.long_s + 0.01, self._grant)
            one.granted.set_result(None)
            self._forget(address)

    @property
    def _places(self) -> int:
        return self.at_once or self.threads

    def _young(self, address: str | None = None) -> int:
        """Return how many requests, of an address or of all, were given a thread a short while ago."""
        at = self.clock()
        return sum(at - one.began < self.long_s for one in self.running if address in (None, one.address))

    def _next(self) -> tuple[str, Waiting] | None:
        """Return the first request of the address that took least, of those that may have a thread now."""
        at, half = self.clock(), max(1, self.threads // 2)
        best: tuple[float, str, Waiting] | None = None
        for address, queue in self.waiting.items():
            one = next((w for w in queue if not w.granted.done() and (not w.writes or self.n_writing < half)), None)
            spent = self._spent(address, at)
            if one is None or (best is not None and spent >= best[0]):
                continue
            if self._young(address) >= max(1, self._places - 1):  # one is left to whoever else comes
                continue
            if self.busy[address] < (half if spent <= HEAVY_S else self._most_of_heavy(address, at - one.since)):
                best = (spent, address, one)
        return best[1:] if best else None

    def _most_of_heavy(self, address: str, waited: float) -> int:
        """Return the threads for an address that took much."""
        if not any(name != address for name in (*self.waiting, *self.busy)):
            return max(1, self.threads // 2)
        return int(waited >= self.patience_s)
