"""Threads of the pages are shared by what each address took of late."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from dideban.room.thread_shares import HALF_LIFE_S, HEAVY_S, MOST_REMEMBERED, PATIENCE_S, ThreadShares


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


class Crowd:
    """Requests that hold their thread until they are let go, in the order in which they got it."""

    def __init__(self, threads: int) -> None:
        self.clock = Clock()
        self.shares = ThreadShares(threads, self.clock)
        self.running: list[str] = []
        self.ends: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str, writes: bool = False) -> None:
        """Let requests come; the first letter of a name is its address."""
        for name in names:
            self.tasks[name] = asyncio.create_task(self._ask(name, writes))
        await self.settle()

    async def _ask(self, name: str, writes: bool) -> None:
        self.ends[name] = asyncio.Event()
        async with self.shares.turn(name[0], writes=writes):
            self.running.append(name)
            try:
                await self.ends[name].wait()
            finally:
                self.running.remove(name)

    async def end(self, *names: str) -> None:
        for name in names:
            self.ends[name].set()
        await self.settle()

    @staticmethod
    async def settle() -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    async def end_all(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        assert not self.shares.busy
        assert not self.shares.waiting
        assert self.shares.n_writing == 0


def play(scene: Callable[[Crowd], Awaitable[None]], *, threads: int = 4) -> None:
    async def played() -> None:
        crowd = Crowd(threads)
        await scene(crowd)
        await crowd.end_all()

    asyncio.run(played())


def test_one_address_has_half_of_the_threads() -> None:
    async def scene(crowd: Crowd) -> None:
        await crowd.come("a1", "a2", "a3", "b1", "c1", "d1")
        assert crowd.running == ["a1", "a2", "b1", "c1"]
        await crowd.end("b1")
        assert crowd.running == ["a1", "a2", "c1", "d1"]

    play(scene)


def test_who_took_little_goes_first() -> None:
    async def scene(crowd: Crowd) -> None:
        crowd.shares.note("a", 0.9)
        crowd.shares.note("b", 0.2)
        await crowd.come("w1", "x1", "y1", "z1", "a1", "b1", "c1")
        await crowd.end("w1")
        await crowd.end("x1")
        assert crowd.running == ["y1", "z1", "c1", "b1"]

    play(scene)


def test_who_took_much_waits_for_the_others() -> None:
    async def scene(crowd: Crowd) -> None:
        crowd.shares.note("a", HEAVY_S * 4)
        await crowd.come("b1", "a1", "a2", "a3")
        assert crowd.running == ["b1"]
        await crowd.end("b1")
        assert crowd.running == ["a1", "a2"], "alone, half of the threads"

    play(scene)


def test_who_took_much_does_not_wait_for_ever() -> None:
    async def scene(crowd: Crowd) -> None:
        crowd.shares.note("a", HEAVY_S * 4)
        await crowd.come("b1", "b2", "a1", "a2")
        crowd.clock.at += PATIENCE_S
        await crowd.end("b1")
        assert crowd.running == ["b2", "a1"]
        await crowd.come("c1")
        assert crowd.running == ["b2", "a1", "c1"], "one thread at a time"

    play(scene)


def test_who_took_much_does_not_wait_for_the_end_of_a_long_request() -> None:
    async def scene(crowd: Crowd) -> None:
        crowd.shares = ThreadShares(4, patience_s=0.02)
        crowd.shares.note("a", HEAVY_S * 4)
        await crowd.come("b1", "a1")
        assert crowd.running == ["b1"]
        for _ in range(500):
            if "a1" in crowd.running:
                break
            await asyncio.sleep(0.01)
        assert crowd.running == ["b1", "a1"]

    play(scene)


def test_what_was_taken_long_ago_counts_no_more() -> None:
    async def scene(crowd: Crowd) -> None:
        crowd.shares.note("a", HEAVY_S * 1.5)
        crowd.clock.at += HALF_LIFE_S
        await crowd.come("b1", "a1", "a2")
        assert crowd.running == ["b1", "a1", "a2"]

    play(scene)


def test_half_of_the_threads_are_left_to_readers() -> None:
    async def scene(crowd: Crowd) -> None:
        await crowd.come("a1", "b1", "c1", writes=True)
        await crowd.come("d1", "e1")
        assert crowd.running == ["a1", "b1", "d1", "e1"]
        await crowd.end("a1")
        assert "c1" in crowd.running

    play(scene)


def test_few_are_answered_side_by_side_until_one_takes_long() -> None:
    async def scene(crowd: Crowd) -> None:
        crowd.shares = ThreadShares(6, crowd.clock, at_once=2, long_s=0.05)
        await crowd.come("a1", "b1", "c1", "d1", "e1")
        assert crowd.running == ["a1", "b1"]
        await crowd.end("a1")
        assert crowd.running == ["b1", "c1"]
        crowd.clock.at += 0.06
        for _ in range(500):  # nobody comes and nobody ends: it is looked for all the same
            if len(crowd.running) == 4:
                break
            await asyncio.sleep(0.01)
        assert crowd.running == ["b1", "c1", "d1", "e1"]

    play(scene)


def test_one_address_leaves_a_place_to_others_and_has_half_of_the_threads() -> None:
    async def scene(crowd: Crowd) -> None:
        crowd.shares = ThreadShares(10, crowd.clock, at_once=4)
        await crowd.come("a1", "a2", "a3", "a4", "b1")
        assert crowd.running == ["a1", "a2", "a3", "b1"]
        crowd.clock.at += 1.0
        await crowd.come("a5", "a6")
        assert sorted(crowd.running) == ["a1", "a2", "a3", "a4", "a5", "b1"], "no more than half of the threads either"

    play(scene)


def test_who_goes_away_while_waiting_leaves_nothing() -> None:
    async def scene(crowd: Crowd) -> None:
        await crowd.come("a1", "b1", "c1", "d1", "e1", "e2")
        crowd.tasks["e1"].cancel()
        await crowd.settle()
        await crowd.end("a1")
        assert crowd.running == ["b1", "c1", "d1", "e2"]
        crowd.tasks["b1"].cancel()
        await crowd.settle()
        assert crowd.running == ["c1", "d1", "e2"]

    play(scene)


def test_a_request_granted_and_cancelled_at_once_gives_its_thread_back() -> None:
    async def scene(crowd: Crowd) -> None:
        await crowd.come("a1", "a2", "a3")
        crowd.ends["a1"].set()
        crowd.tasks["a3"].cancel()
        await crowd.settle()
        await crowd.come("a4")
        assert crowd.running == ["a2", "a4"]

    play(scene)


def test_addresses_are_forgotten_in_order() -> None:
    shares = ThreadShares(4, Clock())
    for n in range(MOST_REMEMBERED + 10):
        shares.note(f"address {n}", 0.1)
    assert len(shares.spent) == MOST_REMEMBERED
    assert "address 0" not in shares.spent
