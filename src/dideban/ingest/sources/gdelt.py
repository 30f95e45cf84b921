"""GDELT: lists of articles, and the tables of events and of the knowledge graph, which have no header."""

from __future__ import annotations

import re

import polars as pl

from dideban.ingest import notes as said
from dideban.ingest.format import Shape

_HOST, _TITLE = "site of the article", "title of the page"
_EVENT_COLUMNS = range(57, 63)
_GKG_COLUMNS = (11, 27)


def host_of(address: pl.Expr) -> pl.Expr:
    """The site that an address leads to, as the reader of articles names it."""
    host = address.str.strip_chars().str.replace(r"^[a-z]+://", "").str.extract(r"^([^/?#:\s]+)").str.to_lowercase()
    return host.str.replace(r"^(?:www\d?|m|mobile|amp)\.", "")


def derive(raw: pl.DataFrame) -> pl.DataFrame:
    """Add the site, and the title where the record has one."""
    address = next(name for name in ("URL", "url", "SOURCEURL", "DocumentIdentifier") if name in raw.columns)
    title = pl.lit(None, pl.String)
    if "Extras" in raw.columns:
        title = pl.col("Extras").str.extract(r"(?s)<PAGE_TITLE>(.*?)</PAGE_TITLE>")
    return raw.with_columns(host_of(pl.col(address)).alias(_HOST), title.alias(_TITLE))


def _event_names(cells: list[str]) -> list[str] | None:
    if len(cells) not in _EVENT_COLUMNS or not re.fullmatch(r"\d{5,12}", cells[0]):
        return None
    if not re.fullmatch(r"(?:19|20)\d{6}", cells[1]) or not re.fullmatch(r"(?:19|20)\d{4}", cells[2]):
        return None
    if not cells[-1].startswith("http"):
        return None  # tables of before 2013 do not name the article
    names = [f"column_{place}" for place in range(1, len(cells) + 1)]
    names[0], names[1], names[-1], names[-2] = "GlobalEventID", "Day", "SOURCEURL", "DATEADDED"
    return names


def _graph_names(cells: list[str]) -> list[str] | None:
    if len(cells) not in _GKG_COLUMNS or not re.fullmatch(r"\d{14}-T?\d+", cells[0]):
        return None
    if not re.fullmatch(r"\d{14}", cells[1]):
        return None
    names = [f"column_{place}" for place in range(1, len(cells) + 1)]
    names[0], names[1], names[3], names[4] = "GKGRECORDID", "DATE", "SourceCommonName", "DocumentIdentifier"
    if len(cells) == 27:
        names[18], names[26] = "SharingImage", "Extras"
    return names


GDELT_DOC = Shape(
    name="gdelt-doc",
    platform="web",
    columns=lambda names: (
        names >= {"URL", "MobileURL", "Date", "Title"} or names >= {"url", "url_mobile", "seendate", "title"}
    ),
    mapping={
        "post_id": ("URL", "url"),
        "account_id": ("domain", _HOST),
        "created_at": ("Date", "seendate"),
        "text": ("Title", "title"),
        "lang": ("language",),
        "media": ("socialimage",),
    },
    derive=derive,
    derived=(_HOST, _TITLE),
    permalink=("URL", "url"),
)

GDELT_EVENTS = Shape(
    name="gdelt-events",
    platform="web",
    columns=lambda names: names >= {"GlobalEventID", "SOURCEURL", "DATEADDED"},
    mapping={"post_id": "SOURCEURL", "account_id": _HOST, "created_at": "DATEADDED"},
    derive=derive,
    derived=(_HOST, _TITLE),
    headless=_event_names,
    permalink="SOURCEURL",
    notes=(said.EVENTS,),
)

GDELT_GRAPH = Shape(
    name="gdelt-gkg",
    platform="web",
    columns=lambda names: names >= {"GKGRECORDID", "DocumentIdentifier", "SourceCommonName"},
    mapping={
        "post_id": "DocumentIdentifier",
        "account_id": ("SourceCommonName", _HOST),
        "created_at": "DATE",
        "text": _TITLE,
        "media": ("SharingImage",),
    },
    derive=derive,
    derived=(_HOST, _TITLE),
    headless=_graph_names,
    permalink="DocumentIdentifier",
)
