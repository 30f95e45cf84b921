"""Where the posts of an analysis are: in tables of this machine, or on a cluster (:mod:`dideban.cluster`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import polars as pl

from dideban.config import Config
from dideban.progress import SILENT, Progress
from dideban.text import SignatureCache
from dideban.traces import KnownContacts, Pages, Traces, extract_traces


class PostSource(Protocol):
    """What an analysis asks of its posts."""

    def traces(self, *, config: Config, progress: Progress = SILENT) -> Traces:
        """Return what posts share."""

    def facts(self) -> dict[str, Any]:
        """Return ``n`` posts, ``n_accounts``, ``first`` and ``last`` time."""

    def moments(self) -> pl.DataFrame:
        """Return (account_id, created_at) of every post, at least of the accounts that have a trace."""

    def about(self, traces: Traces, *, accounts: Iterable[str]) -> tuple[Traces, pl.LazyFrame]:
        """Return what findings about some accounts need: traces with the labels of their objects, and posts."""


class LocalPosts:
    """POSTS of this machine.

    Parameters
    ----------
    posts : POSTS, lazy
        Any order.
    signatures, pages, contacts
        What earlier analyses computed.
    """

    def __init__(
        self,
        posts: pl.LazyFrame,
        *,
        signatures: SignatureCache | None = None,
        pages: Pages | None = None,
        contacts: KnownContacts | None = None,
    ) -> None:
        self.posts, self._signatures, self._pages, self._contacts = posts, signatures, pages, contacts

    def traces(self, *, config: Config, progress: Progress = SILENT) -> Traces:
        """Return what posts share."""
        return extract_traces(
            self.posts, config=config.traces, threads=config.threads, progress=progress, signatures=self._signatures,
            pages=self._pages, contacts=self._contacts,
        )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """Return ``n`` posts, ``n_accounts``, ``first`` and ``last`` time."""
        return (
            self.posts.select(
                n=pl.len(), n_accounts=pl.col("account_id").n_unique(), first=pl.col("created_at").min(),
                last=pl.col("created_at").max(),
            )
            .collect()
            .row(0, named=True)
        )  # fmt: skip

    def moments(self) -> pl.DataFrame:
        """Return (account_id, created_at) of every post."""
        return self.posts.select("account_id", "created_at").collect()

    def about(self, traces: Traces, *, accounts: Iterable[str]) -> tuple[Traces, pl.LazyFrame]:
        """Return everything: it is here."""
        return traces, self.posts


__all__ = ["LocalPosts", "PostSource"]
