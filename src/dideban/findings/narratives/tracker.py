"""Narratives as they grow: batches of texts in, a number per text out; what falls quiet is forgotten."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl

from dideban.arrays import F4, I4, I8
from dideban.config import NarrativeConfig
from dideban.errors import ConfigError
from dideban.figures import settle
from dideban.findings.narratives.boilerplate import Boilerplate, OwnPages
from dideban.findings.narratives.centres import add_up, as_rows, centres_of, no_centres, renumber
from dideban.findings.narratives.checkpoint import SORTED, TABLES, State, read_state, write_state
from dideban.findings.narratives.meaning import TIES, Embedder, Meanings, Vectors
from dideban.graph import leiden
from dideban.messages import Message
from dideban.text.vectors import GramRows, GramWeights, count_grams, heaviest, nearest, tf_idf

N_NEAREST = 10
"""Neighbours per text within its batch."""
N_OLDER = 3
"""Older narratives that a narrative is compared with."""
ROUNDS = 2
"""Times per batch that narratives are compared with each other."""
FORGET = 0.25
"""A narrative whose decayed number of posts is smaller takes up no more texts: one post lasts two half-lives."""
LINKED = 0.5
"""Likeness of two texts that link one page, and what it adds that all texts of one narrative link pages of another."""
MAX_PAGE_TEXTS = 200
"""A page that more texts of a batch link says nothing: a home page, a shop, a form."""


class Tracker:
    """Follows narratives through batches of posts in order of time.

    The same batches give the same numbers, and later batches never change the numbers given before; two narratives
    that turn out to be one are joined, the older keeping its number.

    Parameters
    ----------
    config : NarrativeConfig
        Settings.
    embedder : Embedder, optional
        Likeness of meaning beside likeness of wording, asked once per text.
    threads : count
        0 = all cores. Never changes the result.
    """

    def __init__(self, config: NarrativeConfig, *, embedder: Embedder | None = None, threads: int = 0) -> None:
        self.config, self.threads = config, threads
        self._weights = GramWeights()
        self._boilerplate, self._own_pages = Boilerplate(), OwnPages()
        self._meanings = Meanings(embedder, least=config.least_meaning) if embedder else None
        self._centres = no_centres()
        self._posts: dict[int, float] = {}
        """Decayed number of posts of each narrative that may still grow."""
        self._mass: dict[int, float] = {}
        """Decayed sum of what its texts count in its centre: the length of a centre of equal texts."""
        self._number: dict[str, int] = {}
        self._page: dict[str, int] = {}
        self._parent: list[int] = []
        self._until_us: int | None = None

    def save(self, path: Path) -> None:
        """Write all that is known to a file, which is complete or as it was before.

        A tracker that is loaded from it goes on as this one would. The same state gives the same bytes.

        Raises
        ------
        StoreError
            The disk is full or the folder cannot be written.
        """
        write_state(path, self.state(), config=self.config)

    @classmethod
    def load(cls, path: Path, *, config: NarrativeConfig, embedder: Embedder | None = None, threads: int = 0) -> Self:
        """Return the tracker that was saved to a file.

        Raises
        ------
        StoreError
            There is no such file, it is damaged, or another version of the program wrote it.
        ConfigError
            It was made with other settings of the method, or with an embedder where none is given (or the reverse).
        """
        return cls.of(read_state(path, config=config), path=path, config=config, embedder=embedder, threads=threads)

    @classmethod
    def of(
        cls, state: State, *, path: Path, config: NarrativeConfig, embedder: Embedder | None = None, threads: int = 0
    ) -> Self:
        """Return the tracker of a state that was read from ``path``."""
        if state.has_meanings != (embedder is not None):
            code = "narratives.made-with-model" if state.has_meanings else "narratives.made-without-model"
            raise ConfigError(Message(code, path=path), hint="hint.as-begun", key="embedder")
        tracker = cls(config, embedder=embedder, threads=threads)
        tracker._restore(state)
        return tracker

    @property
    def until_us(self) -> int | None:
        """End of the last batch taken in, microseconds since 1970; None before the first."""
        return self._until_us

    def names(self) -> list[str]:
        """Return the name of every narrative by number: ``n`` and the print of its first text."""
        found = [""] * len(self._parent)
        for text_id, number in self._number.items():
            found[number] = found[number] or "n" + text_id[1:]
        return found

    @property
    def n_given(self) -> int:
        """Numbers given so far."""
        return len(self._parent)

    def joined(self) -> dict[int, int]:
        """Return the narratives that were joined to an older one, and to which."""
        young = [number for number, parent in enumerate(self._parent) if parent != number]
        return {number: self._root(number) for number in young}

    def forget(self, *, text_ids: Iterable[str] = (), accounts: Iterable[str] = ()) -> None:
        """Forget texts and the pages of accounts, as when posts are deleted; a narrative without any text left goes.

        Notes
        -----
        What they added to the decayed centre of a narrative that others tell too (weights of hashed runs of letters)
        cannot be told apart and fades with the half-life. A text forgotten that comes again counts as new.
        """
        for text_id in text_ids:
            self._number.pop(text_id, None)
        self._own_pages.forget(set(accounts))
        left = {self._root(number) for number in self._number.values()}
        self._posts = {number: n for number, n in self._posts.items() if number in left}
        self._fade(1.0)

    def number(self, text_id: str) -> int:
        """Return the narrative of a text as known now."""
        return self._root(self._number[text_id])

    def numbers_given(self, text_ids: list[str]) -> list[tuple[int, int]]:
        """Return, per text, the number it was given at first and the one that this was joined to."""
        return [(given := self._number[text_id], self._root(given)) for text_id in text_ids]

    def update(self, texts: pl.DataFrame, links: pl.DataFrame, *, until_us: int) -> None:
        """Take in the texts posted in one batch.

        Parameters
        ----------
        texts : DataFrame, (n_texts,)
            ``text_id``, ``text`` and ``n_posts`` in this batch, in order of first post.
        links : DataFrame
            ``text_id``, ``page`` and ``account_id``: canonical links of the posts of this batch.
        until_us : microseconds since 1970
            End of the batch, not earlier than that of the batch before.
        """
        gone_d = 0.0 if self._until_us is None else (until_us - self._until_us) / 86_400e6
        self._until_us = until_us
        keep = float(settle(0.5 ** (gone_d / self.config.half_life_d)))
        self._fade(keep)
        is_known = pl.Series([text_id in self._number for text_id in texts["text_id"]], dtype=pl.Boolean)
        for text_id, n_posts in texts.filter(is_known).select("text_id", "n_posts").iter_rows():
            if (number := self.number(text_id)) in self._posts:
                self._posts[number] += n_posts
        links = self._own_pages.drop(links).filter(pl.len().over("page") <= MAX_PAGE_TEXTS)
        new = texts.filter(~is_known)
        if new.height:
            self._take_in(new, links, keep)
        for text_id, page in links.select("text_id", "page").iter_rows():
            self._page.setdefault(page, self._number[text_id])

    def state(self) -> State:
        """Return all that is known, as it is now."""
        seen, lines = self._weights.seen, self._boilerplate.seen
        grams = np.flatnonzero(seen)
        meanings = self._meanings.totals() if self._meanings else {}
        pages = self._own_pages.seen
        rows: dict[str, dict[str, Any]] = {
            "grams": {"gram": grams, "seen": seen[grams]},
            "lines": {"print": list(lines), "n": list(lines.values())},
            "own_pages": {"account_id": [account for account, _ in pages], "page": [page for _, page in pages],
                          "n": list(pages.values())},
            "alive": {"number": list(self._posts), "posts": list(self._posts.values()),
                      "mass": [self._mass[number] for number in self._posts]},
            "texts": {"text_id": list(self._number), "number": list(self._number.values())},
            "pages": {"page": list(self._page), "number": list(self._page.values())},
            "parents": {"parent": self._parent},
            "meanings": {"number": list(meanings), "total": [total.tolist() for total in meanings.values()]},
        }  # fmt: skip
        tables = {name: pl.DataFrame(rows[name], schema=dict(TABLES[name])) for name in rows}
        # the order of texts says which came first; any other order is chance
        tables |= {name: tables[name].sort(SORTED[name]) for name in SORTED}
        return State(
            tables={**tables, "centres": self._centres}, n_texts=self._weights.total, until_us=self._until_us,
            has_meanings=self._meanings is not None,
        )  # fmt: skip

    def _restore(self, state: State) -> None:
        tables = state.tables
        self._weights.seen[tables["grams"]["gram"].to_numpy()] = tables["grams"]["seen"].to_numpy()
        self._weights.total, self._until_us = state.n_texts, state.until_us
        self._boilerplate.seen.update(dict(tables["lines"].iter_rows()))
        self._own_pages.seen.update({(account, page): n for account, page, n in tables["own_pages"].iter_rows()})
        self._centres = tables["centres"]
        for number, posts, mass in tables["alive"].iter_rows():
            self._posts[number], self._mass[number] = posts, mass
        self._number, self._page = dict(tables["texts"].iter_rows()), dict(tables["pages"].iter_rows())
        self._parent = tables["parents"]["parent"].to_list()
        if self._meanings:
            self._meanings.restore(dict(tables["meanings"].iter_rows()))

    def _root(self, number: int) -> int:
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    def _fade(self, keep: float) -> None:
        self._posts = {number: n * keep for number, n in self._posts.items() if n * keep >= FORGET}
        self._mass = {number: self._mass[number] * keep for number in self._posts}
        alive = pl.DataFrame({"number": list(self._posts)}, schema={"number": pl.Int64})
        self._centres = self._centres.join(alive, on="number", how="semi", maintain_order="left").with_columns(
            pl.col("weight") * keep
        )
        self._page = {page: number for page, number in self._page.items() if self._root(number) in self._posts}
        if self._meanings:
            self._meanings.keep(set(self._posts))

    def _take_in(self, new: pl.DataFrame, links: pl.DataFrame, keep: float) -> None:
        rows = count_grams(self._boilerplate.strip(new["text"]))
        self._weights.learn(rows, keep=keep)
        idf = self._weights.idf()
        rows = heaviest(rows, idf)
        weights = tf_idf(rows, idf)
        pages = links.join(new.with_row_index("row").select("row", "text_id"), on="text_id").select("row", "page")
        vectors = self._meanings.embed(new["text"].to_list()) if self._meanings else None
        pieces = self._pieces(rows, weights, pages, vectors)
        first = len(self._parent)
        numbers = pieces.astype(np.int64) + first
        self._parent.extend(range(first, first + int(pieces.max()) + 1))
        self._number.update(zip(new["text_id"].to_list(), numbers.tolist(), strict=True))
        self._grow(rows, weights, vectors, numbers=numbers, n_posts=new["n_posts"].to_numpy())
        ties = self._linked_narratives(pages, numbers)
        asked = set(numbers.tolist())
        for _ in range(ROUNDS):
            asked = self._join(asked, ties)

    def _pieces(self, rows: GramRows, weights: F4, pages: pl.DataFrame, vectors: Vectors | None) -> I4:
        """Cluster the texts of one batch that are alike in wording, in what they link, or in meaning where known."""
        least = self.config.least_likeness
        asked = np.arange(len(rows))
        found = [
            nearest(rows, weights, asked=asked, n_nearest=N_NEAREST, least=least, threads=self.threads),
            _linked_texts(pages),
        ]
        if self._meanings and vectors is not None:
            found.append(self._meanings.alike(vectors))
        ties = pl.concat(found, how="vertical_relaxed").group_by("row", "other").agg(pl.col("likeness").max())
        src, dst, weight = (ties.sort("row", "other")[name].to_numpy() for name in ("row", "other", "likeness"))
        return leiden(len(rows), src, dst, weight, resolution=self.config.resolution, seed=1, objective="cpm")

    def _grow(
        self,
        rows: GramRows,
        weights: F4,
        vectors: Vectors | None,
        *,
        numbers: I8,
        n_posts: I8,
    ) -> None:
        grown = add_up(centres_of(rows, weights, numbers=numbers, n_posts=n_posts))
        self._centres = pl.concat([self._centres, grown])  # new numbers are larger than all before: still sorted
        for number, n in zip(numbers.tolist(), n_posts.tolist(), strict=True):
            self._posts[number] = self._posts.get(number, 0.0) + n
            self._mass[number] = self._mass.get(number, 0.0) + math.sqrt(n)
        if self._meanings and vectors is not None:
            self._meanings.add(numbers, vectors)

    def _linked_narratives(self, pages: pl.DataFrame, numbers: I8) -> pl.DataFrame:
        """Return TIES of new narratives to those whose pages their texts link."""
        targets = [self._page.get(page, -1) for page in pages["page"]]
        sizes = pl.DataFrame({"young": numbers}).group_by("young").agg(n=pl.len())
        tied = pl.DataFrame(
            {"young": numbers[pages["row"].to_numpy()], "old": targets, "row": pages["row"]},
            schema={"young": pl.Int64, "old": pl.Int64, "row": pl.UInt32},
        ).filter(pl.col("old") >= 0)
        share = tied.unique().group_by("young", "old").agg(n_linked=pl.len()).join(sizes, on="young")
        return share.select("young", "old", likeness=LINKED * pl.col("n_linked") / pl.col("n"))

    def _join(self, asked: set[int], ties: pl.DataFrame) -> set[int]:
        """Join younger narratives to the older ones they are most like; return those that grew."""
        best = self._best(asked, ties)
        moves = best.filter(~pl.col("old").is_in(best["young"].implode()))
        for young, old in moves.select("young", "old").iter_rows():
            self._parent[young] = old
            self._posts[old] += self._posts.pop(young)
            self._mass[old] += self._mass.pop(young)
            if self._meanings:
                self._meanings.join(young, old)
        if moves.height:
            self._centres = renumber(self._centres, young=moves["young"], old=moves["old"])
        return set(moves["old"].to_list())

    def _best(self, asked: set[int], ties: pl.DataFrame) -> pl.DataFrame:
        """Return TIES: for each narrative asked for the older one it is most like, where that is enough to join."""
        numbers, rows, weights, length = as_rows(self._centres)
        unity = length / np.array([self._mass[number] for number in numbers.tolist()])
        wanted = np.flatnonzero(np.isin(numbers, sorted(asked)))
        least = self.config.join_likeness - LINKED
        near = nearest(rows, weights, asked=wanted, n_nearest=N_OLDER, least=max(least, 0.1), threads=self.threads)
        young, old = near["row"].to_numpy(), near["other"].to_numpy()
        mean = near["likeness"].to_numpy() * unity[young] * unity[old]
        worded = pl.DataFrame(
            {"young": numbers[young], "old": numbers[old], "likeness": near["likeness"]}, schema=TIES
        ).filter(pl.Series(mean >= self.config.least_mean))
        linked = pl.DataFrame(
            [(self._root(young), self._root(old), share) for young, old, share in ties.iter_rows()],
            schema=TIES, orient="row",
        ).filter(pl.col("young").is_in(sorted(asked)), pl.col("old") < pl.col("young"))  # fmt: skip
        linked = linked.filter(pl.col("old").is_in(list(self._posts)))
        total = pl.concat([worded, linked]).sort("young", "old", "likeness")
        scored = total.group_by("young", "old", maintain_order=True).agg(pl.col("likeness").sum())
        enough = scored.filter(pl.col("likeness") >= self.config.join_likeness)
        if self._meanings:
            enough = pl.concat([enough, self._meanings.ties(asked)])
        ordered = enough.sort(["young", "likeness", "old"], descending=[False, True, False])
        return ordered.unique("young", keep="first", maintain_order=True)


def _linked_texts(pages: pl.DataFrame) -> pl.DataFrame:
    """Tie each text to the first text of the batch that links the same page."""
    first = pages.with_columns(other=pl.col("row").min().over("page")).filter(pl.col("row") > pl.col("other"))
    return first.select("row", "other", likeness=pl.lit(LINKED)).unique(maintain_order=True)
