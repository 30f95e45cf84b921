"""Links: two posts that carry the same page, however its address is written."""

from __future__ import annotations

import re

import polars as pl

from dideban.messages import Message
from dideban.progress import SILENT, Progress
from dideban.schema import INSTANT
from dideban.traces.contact_rules import PHONE_LINK
from dideban.traces.domains import host_of, registrable_domain
from dideban.traces.origins import name_sources
from dideban.traces.tables import Found, PostColumns
from dideban.traces.url_rules import SHORTENERS
from dideban.traces.urls import canonical_url, is_shortener

_ANONYMOUS = re.compile(r"^(?:anon[a-z-]*|hash|md5|sha1|sha256|urn:[a-z0-9-]+):[\w.:-]{1,200}$", re.ASCII)
"""``anon-url:123``: releases that may not carry addresses name them by a code. Equal codes are equal links."""
CHUNK_URLS = 50_000
"""Addresses handed to Python at a time: bounds the memory beside the table."""


def find(table: PostColumns) -> Found:
    """Find the pages that several accounts linked to."""
    links, notes = canonical_links(table)
    shared = table.shared(links)
    return Found(events=shared, objects=_objects(shared), n_traces=links.height, notes=notes)


def canonical_links(table: PostColumns) -> tuple[pl.DataFrame, list[Message]]:
    """Return (row, object_id), one row per post and page, and notes on what could not be used."""
    with table.reading_links:
        if table.links is None:
            table.links = _canonical_links(table)
        return table.links


def _canonical_links(table: PostColumns) -> tuple[pl.DataFrame, list[Message]]:
    written = written_links(table)
    read = table.pages.of if table.pages else canonical_pages
    pages = read(written["urls"].unique(), progress=table.progress)
    joined = written.join(pages, on="urls", how="left").select("row", object_id="page")
    n_rejected = joined["object_id"].null_count()
    links = joined.drop_nulls().unique()
    return links, _notes(links, n_written=written.height, n_rejected=n_rejected)


def written_links(table: PostColumns) -> pl.DataFrame:
    """Return (row, urls): every address as it is written, those that call a telephone left out."""
    written = table.column("urls").explode("urls").drop_nulls("urls")
    return written.filter(~pl.col("urls").str.contains(PHONE_LINK))


class Pages:
    """Canonical pages kept from one analysis to the next, in memory: only addresses not seen last time are read."""

    def __init__(self) -> None:
        self.known = pl.DataFrame(schema={"urls": pl.String, "page": pl.String})

    def of(self, urls: pl.Series, *, progress: Progress = SILENT) -> pl.DataFrame:
        """Return (urls, page) of distinct addresses, as :func:`canonical_pages`; those not asked for are forgotten."""
        asked = pl.DataFrame({"urls": urls})
        new = canonical_pages(asked.join(self.known, on="urls", how="anti")["urls"], progress=progress)
        self.known = pl.concat([self.known.join(asked, on="urls", how="semi"), new])
        return self.known

    def look_up(self, urls: pl.Series) -> pl.DataFrame:
        """Return (urls, page) of distinct addresses, as :func:`canonical_pages`; nothing is forgotten, or kept."""
        asked = pl.DataFrame({"urls": urls})
        new = canonical_pages(asked.join(self.known, on="urls", how="anti")["urls"])
        return pl.concat([self.known.join(asked, on="urls", how="semi"), new])


def canonical_pages(urls: pl.Series, *, progress: Progress = SILENT) -> pl.DataFrame:
    """Return (urls, page) of distinct addresses; page is null where there is none."""
    parts = [pl.DataFrame(schema={"urls": pl.String, "page": pl.String})]
    with progress.stage("reading-links", total=len(urls), unit="links") as task:
        for at in range(0, len(urls), CHUNK_URLS):
            chunk = urls.slice(at, CHUNK_URLS)
            pages = pl.Series([_page(url) for url in chunk], dtype=pl.String)
            parts.append(pl.DataFrame({"urls": chunk.alias("urls"), "page": pages}))
            task.advance(len(chunk))
    return pl.concat(parts)


def _page(url: str) -> str | None:
    """Canonical address; ids that stand for a link in anonymised data stay as they are."""
    return url if _ANONYMOUS.match(url) else canonical_url(url)


def link_sites(urls: pl.Series, *, known: Pages | None = None) -> pl.DataFrame:
    """Return (urls, site) of distinct addresses: who publishes what they lead to; null where unknown.

    Parameters
    ----------
    known : Pages, optional
        Canonical pages that were read already. Never changes the result.
    """
    pages = known.look_up(urls) if known else canonical_pages(urls)
    sites = name_sources(hosts_of(pages["page"].drop_nulls()))
    return pages.join(sites, on="page", how="left").select("urls", site="origin")


def hosts_of(pages: pl.Series) -> pl.DataFrame:
    """Return (page, host, domain) of distinct canonical links; host and domain are null for anonymised ids."""
    hosts = pl.DataFrame({"page": pages.unique()}).with_columns(host=_host_expr())
    names = hosts["host"].drop_nulls().unique()
    domains = pl.Series([registrable_domain(name) or name for name in names], dtype=pl.String)
    return hosts.join(pl.DataFrame({"host": names, "domain": domains}), on="host", how="left")


def _host_expr() -> pl.Expr:
    return pl.col("page").str.extract(r"^https://(\[[^\]]*\]|[^/:?#]*)", 1)


def _objects(events: pl.DataFrame) -> pl.DataFrame:
    return name_sources(hosts_of(events["object_id"])).select(
        object_id="page", born_at=pl.lit(None, INSTANT), origin="origin", label="page"
    )


def _may_be_shortened() -> pl.Expr:
    """Return which pages are worth a look: their host begins as one of a shortener, or is not plain letters."""
    begins = [f"://{www}{host}" for host in sorted(SHORTENERS) for www in ("", "www.")]
    page = pl.col("object_id")
    is_plain = page.str.len_bytes() == page.str.len_chars()
    return page.str.contains_any(begins, ascii_case_insensitive=True) | ~is_plain


def _notes(links: pl.DataFrame, *, n_written: int, n_rejected: int) -> list[Message]:
    notes = []
    if n_rejected:
        notes.append(Message("note.links-no-address", n=n_rejected, all=n_written))
    pages = links.filter(_may_be_shortened())["object_id"].value_counts(name="n")
    n_short = pages.filter(pages["object_id"].map_elements(lambda p: is_shortener(host_of(p)), pl.Boolean))["n"].sum()
    if n_short:
        share = round(n_short / links.height, 3)
        notes.append(Message("note.links-shortened", n=n_short, all=links.height, share=share))
    return notes
