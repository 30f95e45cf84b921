"""What a tracker knows, as a file: a ZIP of Parquet tables, whose checksums are verified when it is read.

One file, so that it is replaced in one step; tables of numbers and short strings, so that reading one that a stranger
made runs no code. A tracker alone leaves pseudonyms and links in it (who links which page again and again); whole runs,
which go on from it (``MORE``), the posts of the last days too, with their texts: keep it as you keep the posts.
"""

from __future__ import annotations

import dataclasses
import io
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import orjson
import polars as pl

from dideban.atomic import replacing
from dideban.config import NarrativeConfig
from dideban.errors import ConfigError, StoreError
from dideban.messages import Message, cause_of
from dideban.messages.message import Value
from dideban.schema import POSTS
from dideban.text.cache import VERSION as TEXT_VERSION
from dideban.text.vectors import BITS

FORMAT = "dideban.narrative-state/1"
"""Name and version of the format; the number grows when a reader could break."""
MAX_BYTES = 4 << 30
"""A larger file is no state of ours: a hundred million texts take about 2 GB."""
READ = ("account_id", "platform", "created_at", "text", "lang", "place", "urls", "repost_of", "post_id")
"""Columns of POSTS that narratives read."""
NO_SAY = ("min_posts", "min_accounts", "burst_raise", "burst_gamma")
"""Settings that only say what is shown: they may differ from run to run."""

TABLES: Mapping[str, Mapping[str, pl.DataType]] = {
    "grams": {"gram": pl.Int32(), "seen": pl.Float64()},
    "lines": {"print": pl.UInt64(), "n": pl.Int64()},
    "own_pages": {"account_id": pl.String(), "page": pl.String(), "n": pl.Int64()},
    "centres": {"number": pl.Int64(), "gram": pl.Int32(), "weight": pl.Float64()},
    "alive": {"number": pl.Int64(), "posts": pl.Float64(), "mass": pl.Float64()},
    "texts": {"text_id": pl.String(), "number": pl.Int64()},
    "pages": {"page": pl.String(), "number": pl.Int64()},
    "parents": {"parent": pl.Int64()},
    "meanings": {"number": pl.Int64(), "total": pl.List(pl.Float64())},
}
"""Tables of the file; row ``i`` of ``parents`` is narrative ``i``."""
MORE: Mapping[str, Mapping[str, pl.DataType]] = {
    "prints": {"print": pl.UInt64(), "text_id": pl.String()},
    "told": {"number": pl.Int64(), "n_posts": pl.Int64(), "first_us": pl.Int64()},
    "recent": {name: POSTS.dtypes[name] for name in READ} | {"is_open": pl.Boolean()},
}
"""Tables beside them, where whole runs go on from the file and not a tracker alone; ``recent`` holds texts of posts."""
SORTED = {
    "lines": "print",
    "own_pages": ["page", "account_id"],
    "alive": "number",
    "pages": "page",
    "meanings": "number",
}
"""Tables whose rows a tracker holds in no order."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class State:
    """What a tracker knows."""

    tables: Mapping[str, pl.DataFrame]
    """Those of ``TABLES``, and of ``MORE`` where whole runs go on from here."""
    n_texts: float
    """Decayed number of texts that ``grams`` was learned from."""
    until_us: int | None
    """End of the last batch, microseconds since 1970."""
    has_meanings: bool


def write_state(path: Path, state: State, *, config: NarrativeConfig) -> None:
    """Write a state; the file is complete or as it was before. The same state gives the same bytes.

    Raises
    ------
    StoreError
        The disk is full or the folder cannot be written.
    """
    about = {
        "until_us": state.until_us,
        "n_texts": state.n_texts,
        "has_meanings": state.has_meanings,
        **_mark(config),
    }
    with (
        replacing(path, survives="kill") as part,
        zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive,
    ):
        archive.writestr(_member("state.json"), orjson.dumps(about, option=orjson.OPT_SORT_KEYS))
        for name in state.tables:
            data = io.BytesIO()
            state.tables[name].write_parquet(data, compression="zstd", compression_level=1)
            archive.writestr(_member(f"{name}.parquet"), data.getvalue())


def read_state(path: Path, *, config: NarrativeConfig) -> State:
    """Read a state that :func:`write_state` wrote.

    Raises
    ------
    StoreError
        There is no such file, it is damaged, or another version of the program wrote it.
    ConfigError
        It was made with other settings of the method.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _damaged(path, "too-large")
        with zipfile.ZipFile(path) as archive:
            about = orjson.loads(_content(archive, "state.json", path=path))
            _check_mark(about, config=config, path=path)
            inside = set(archive.namelist())
            more = [name for name in MORE if f"{name}.parquet" in inside]
            tables = {name: _table(archive, name, path=path) for name in (*TABLES, *more)}
        state = State(
            tables=tables, n_texts=float(about["n_texts"]), has_meanings=bool(about["has_meanings"]),
            until_us=None if about["until_us"] is None else int(about["until_us"]),
        )  # fmt: skip
    except FileNotFoundError as error:
        raise StoreError("file.not-read", path=str(path), reason=cause_of(error)) from error
    except OSError as error:
        raise StoreError("file.not-read", path=str(path), reason=cause_of(error)) from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise _damaged(path, "other-file") from error
    except (ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        if isinstance(error, ConfigError):
            raise
        raise _damaged(path, "unreadable", detail=cause_of(error)) from error
    _check(state, path=path)
    return state


def _member(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name)  # dated 1980: the same state, the same bytes


def _mark(config: NarrativeConfig) -> dict[str, object]:
    settings = {name: value for name, value in dataclasses.asdict(config).items() if name not in NO_SAY}
    return {
        "format": FORMAT,
        "text": f"{TEXT_VERSION}/{BITS}/{unicodedata.unidata_version}",
        "settings": settings,
    }


def _check_mark(about: object, *, config: NarrativeConfig, path: Path) -> None:
    wanted = _mark(config)
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise _damaged(path, "no-state")
    if about.get("text") != wanted["text"]:
        raise StoreError(
            "narratives.other-version", hint="hint.new-state", path=str(path)
        )  # fmt: skip
    kept, asked = about.get("settings"), wanted["settings"]
    if not isinstance(kept, dict) or not isinstance(asked, dict):
        raise _damaged(path, "no-settings")
    for name, value in asked.items():
        if kept.get(name) != value:
            raise ConfigError(
                "narratives.other-settings", hint="hint.same-settings", key=f"narratives.{name}", value=value,
                path=path, kept=kept.get(name),
            )  # fmt: skip


def _content(archive: zipfile.ZipFile, name: str, *, path: Path) -> bytes:
    member = archive.getinfo(name)
    if member.compress_type != zipfile.ZIP_STORED or member.file_size > MAX_BYTES:
        raise _damaged(path, "packed", name=name)
    return archive.read(member)


def _table(archive: zipfile.ZipFile, name: str, *, path: Path) -> pl.DataFrame:
    data = _content(archive, f"{name}.parquet", path=path)
    table = pl.read_parquet(io.BytesIO(data))
    wanted = TABLES.get(name) or MORE[name]
    nulls = any(table.null_count().row(0)) if name != "recent" else table["created_at"].null_count()
    if dict(table.schema) != dict(wanted) or nulls:
        raise _damaged(path, "other-columns", name=name)
    return table


def _check(state: State, *, path: Path) -> None:
    """Refuse numbers that point nowhere: a wrong one would crash, or end up in a wrong narrative."""
    tables, n = state.tables, state.tables["parents"].height
    parents = tables["parents"]["parent"]
    wrong = [
        "parents" if ((parents < 0) | (parents > pl.int_range(n, eager=True))).any() else "",
        *(name for name in _NUMBERED if name in tables and not _within(tables[name], n)),
        *(name for name in ("grams", "centres") if not tables[name]["gram"].is_between(0, (1 << BITS) - 1).all()),
        *(f"{name}.{column}" for name, column in _POSITIVE if not _is_positive(tables[name][column])),
        "alive" if tables["alive"]["number"].is_duplicated().any() else "",
        "centres" if not tables["centres"].select("number", "gram").equals(_sorted_keys(tables["centres"])) else "",
        "centres" if set(tables["centres"]["number"]) - set(tables["alive"]["number"]) else "",
        "meanings" if not _fits(tables["meanings"], tables["alive"], has=state.has_meanings) else "",
        "n_texts" if not 0 <= state.n_texts < float("inf") else "",
    ]
    if named := next((name for name in wrong if name), ""):
        raise _damaged(path, "unfit", name=named)


_NUMBERED = ("centres", "alive", "texts", "pages", "meanings", "told")
_POSITIVE = (("grams", "seen"), ("centres", "weight"), ("alive", "posts"), ("alive", "mass"))


def _within(table: pl.DataFrame, n: int) -> bool:
    return bool(table["number"].is_between(0, n - 1).all())


def _is_positive(values: pl.Series) -> bool:
    return bool((values.is_finite() & (values >= 0)).all())


def _sorted_keys(centres: pl.DataFrame) -> pl.DataFrame:
    return centres.select("number", "gram").unique().sort("number", "gram")


def _fits(meanings: pl.DataFrame, alive: pl.DataFrame, *, has: bool) -> bool:
    numbers, sizes = set(meanings["number"]), meanings["total"].list.len()
    if sizes.n_unique() > 1 or not meanings["total"].explode().is_finite().all():
        return False
    return numbers == set(alive["number"]) if has else not numbers


def _damaged(path: Path, what: str, **values: Value) -> StoreError:
    damage = Message(f"narratives.damage.{what}", **values)
    return StoreError("narratives.state-damaged", hint="hint.last-copy", path=str(path), what=damage)
