"""The accounts and objects of a simulated stream, before anybody shares anything."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dideban.arrays import B1, F8, I8
from dideban.simulate.draws import DAY_S, HOUR_S, draw_index, generator, heavy_weights

ZONES_S = np.array([0.0, 3.5 * HOUR_S, 8.0 * HOUR_S, -5.0 * HOUR_S])
"""Seconds east of UTC of the four parts of the world that the accounts live in."""
ZONE_SHARES = np.array([0.35, 0.35, 0.15, 0.15])


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Shares as arrays of one length: account and object codes, seconds since the start."""

    account: I8
    object: I8
    at_s: F8

    @staticmethod
    def join(parts: list[Shares]) -> Shares:
        """Put several lists of shares into one."""
        return Shares(
            account=np.concatenate([p.account for p in parts] or [np.zeros(0, np.int64)]),
            object=np.concatenate([p.object for p in parts] or [np.zeros(0, np.int64)]),
            at_s=np.concatenate([p.at_s for p in parts] or [np.zeros(0)]),
        )

    def keep(self, rows: I8 | B1) -> Shares:
        """Return some of the shares."""
        return Shares(account=self.account[rows], object=self.object[rows], at_s=self.at_s[rows])

    def __len__(self) -> int:
        return len(self.account)


@dataclass
class Objects:
    """Objects made so far; grows as crowds and plants add their own. Codes are positions."""

    kinds: tuple[str, ...]
    kind: I8 = field(default_factory=lambda: np.zeros(0, np.int64))
    birth_s: F8 = field(default_factory=lambda: np.zeros(0))
    origin: I8 = field(default_factory=lambda: np.zeros(0, np.int64))
    home: I8 = field(default_factory=lambda: np.zeros(0, np.int64))
    """Community that the object comes from."""
    n_origins: int = 0

    def add(self, birth_s: F8, *, origin: I8, kind: I8, home: I8) -> I8:
        """Add objects and return their codes."""
        first = self.birth_s.size
        self.birth_s = np.concatenate([self.birth_s, birth_s])
        self.origin = np.concatenate([self.origin, origin])
        self.kind = np.concatenate([self.kind, kind])
        self.home = np.concatenate([self.home, home])
        return np.arange(first, first + birth_s.size)

    def new_origin(self) -> int:
        """Return the code of an origin no one used so far."""
        self.n_origins += 1
        return self.n_origins - 1


@dataclass
class World:
    """Accounts with their habits, and the objects they can share."""

    seed: int
    n_accounts: int
    days: float
    zone_s: F8
    community: I8
    activity: F8
    home_zone_s: F8
    """Time zone of each community."""
    home_language: I8
    """Language of each community: position in ``languages``."""
    languages: tuple[str, ...]
    objects: Objects
    clock_s: F8
    """Seconds between the minutes at which an account posts by the clock (3600 = on the hour); 0 = at any time."""
    daily_s: F8
    """Local time of the only half hour of the day in which an account looks at the network; nan = no such habit."""
    period_s: F8
    """Seconds between the marks of an account's own clock, a whole number of minutes; 0 = no clock."""
    phase_s: F8
    """Seconds past midnight UTC of the first mark."""
    late_s: F8
    """A post comes up to this many seconds after its mark."""
    queue: I8
    """Accounts not yet given a part to play: crowds take from the front, plants from the back."""
    part: I8
    """Crowd that an account was taken for: position in ``parts``; 0 = none."""
    parts: list[str] = field(default_factory=lambda: [""])
    """Names of the crowds so far; the last one is at work."""

    @property
    def end_s(self) -> float:
        """Length of the stream, seconds."""
        return self.days * DAY_S

    def language_of(self, account: I8) -> I8:
        """Return the language of accounts."""
        return np.asarray(self.home_language[self.community[account]], np.int64)

    def begin(self, name: str) -> None:
        """Count accounts taken from now on to the crowd ``name``."""
        self.parts.append(name)

    def of_part(self, name: str) -> B1:
        """Return for each account whether it was taken for the crowd ``name``."""
        return np.isin(self.part, [code for code, known in enumerate(self.parts) if code and known == name])

    @property
    def n_free(self) -> int:
        """Accounts that crowds may still take: one in four, and five at least, stay ordinary."""
        return max(self.queue.size - max(self.n_accounts // 4, 5), 0)

    def take(self, n: int) -> I8:
        """Take ``n`` accounts for a crowd (fewer where few are left)."""
        n = min(n, self.n_free)
        taken, self.queue = self.queue[:n], self.queue[n:]
        self.part[taken] = len(self.parts) - 1
        return taken

    def take_together(self, n: int) -> I8:
        """Take ``n`` accounts of one language for a crowd (fewer where few are near)."""
        if len(self.languages) < 2 or not self.queue.size:
            return self.take(n)
        n = min(n, self.n_free)
        head = self.queue[: 40 * max(n, 1)]
        language = self.language_of(head)
        rows = np.flatnonzero(language == language[0])[:n]
        taken, self.queue = head[rows], np.delete(self.queue, rows)
        self.part[taken] = len(self.parts) - 1
        return taken

    def take_back(self, n: int, *, language: int | None = None) -> I8:
        """Take ``n`` accounts for a plant, of one language where given (fewer where few are left)."""
        fits = np.arange(self.queue.size)
        if language is not None:
            fits = fits[self.language_of(self.queue) == language]
        rows = fits[max(fits.size - n, 0) :]
        taken, self.queue = self.queue[rows], np.delete(self.queue, rows)
        return taken


LANGUAGE_ZONES_S = {"fa": (3.5, 3.5, 3.5, 4.5), "ar": (3.0, 2.0, 3.0, 1.0), "en": (0.0, 0.0, -5.0, 10.0)}
"""Time zones that communities of a language are drawn from, hours east of UTC."""


def make_world(
    *, seed: int, n_accounts: int, days: float, kinds: tuple[str, ...], languages: tuple[str, ...] = ()
) -> World:
    """Draw the accounts: a community each, the community's time zone for most, a heavy-tailed activity."""
    rng = generator(seed, "accounts")
    n_communities = max(3, n_accounts // 150)
    sizes = heavy_weights(n_communities, exponent=0.7, top_share=0.2)
    community = draw_index(rng, sizes, n_accounts)
    home_zone_s = ZONES_S[draw_index(rng, ZONE_SHARES, n_communities)]
    home_language = np.arange(n_communities) % max(len(languages), 1)
    if languages:
        pick = rng.integers(0, 4, n_communities)
        zones_s = np.array([LANGUAGE_ZONES_S[name] for name in languages]) * HOUR_S
        home_zone_s = zones_s[home_language, pick]
    abroad_s = ZONES_S[draw_index(rng, ZONE_SHARES, n_accounts)]
    zone_s = np.where(rng.random(n_accounts) < 0.85, home_zone_s[community], abroad_s)
    activity = heavy_weights(n_accounts, exponent=0.8, top_share=0.003)
    return World(
        seed=seed,
        n_accounts=n_accounts,
        days=days,
        zone_s=zone_s + rng.normal(0.0, 1.2 * HOUR_S, n_accounts),
        community=community,
        activity=activity[rng.permutation(n_accounts)],
        home_zone_s=home_zone_s,
        home_language=home_language,
        languages=languages,
        objects=Objects(kinds=kinds),
        clock_s=np.zeros(n_accounts),
        daily_s=np.full(n_accounts, np.nan),
        period_s=np.zeros(n_accounts),
        phase_s=np.zeros(n_accounts),
        late_s=np.zeros(n_accounts),
        part=np.zeros(n_accounts, np.int64),
        queue=rng.permutation(n_accounts).astype(np.int64),
    )
