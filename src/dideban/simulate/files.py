"""Simulated streams on disk, and campaigns written in one word."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl

from dideban.atomic import publish, scratch_folder
from dideban.errors import ConfigError, StoreError
from dideban.messages import Message, cause_of
from dideban.schema import POSTS
from dideban.simulate.framing import VICTIMS, Framing
from dideban.simulate.model import MOMENTS, WHERES, Plant, Stream

_PLANT = re.compile(
    r"(\d{1,6})x(\d{1,6})x(\d{1,7}(?:\.\d{1,6})?)(?::([a-z]+))?((?:,[a-z]+=[a-z0-9.]{1,12}){0,5})", re.ASCII
)
_FRAMING = re.compile(r"(\d{1,2})x(\d{1,2}):([a-z]+)(?:x(\d{1,5}))?", re.ASCII)
_NUMBERS = {"days": "days", "rate": "posts_per_day", "lag": "lag_s", "others": "others"}
_HINT = Message("hint.plant", wheres=WHERES, moments=MOMENTS)


def parse_plant(text: str) -> Plant:
    """Read ``8x12x40:popular``: accounts x operations x jitter in seconds, and where (popular unless stated).

    Options follow with commas: ``8x20x40:popular,days=1,moment=any,others=40``; see :class:`Plant` (``rate`` is
    ``posts_per_day``, ``lag`` is ``lag_s``).

    Raises
    ------
    ConfigError
        The text is something else, or a number is out of range.
    """
    match = _PLANT.fullmatch(text.strip())
    if match is None or (match[4] or "popular") not in WHERES:
        raise ConfigError("simulate.plant-unreadable", hint=_HINT, key="plant", value=text)
    return Plant(
        n_accounts=int(match[1]),
        n_operations=int(match[2]),
        jitter_s=float(match[3]),
        where=match[4] or "popular",  # type: ignore[arg-type]
        **_plant_options(text, match[5]),
    )


def _plant_options(text: str, written: str) -> dict[str, Any]:
    """Read ``,days=1,moment=any,others=40,rate=3,lag=5``: each once at most."""
    options: dict[str, Any] = {}
    for name, _, value in (one.partition("=") for one in written.split(",") if one):
        key = "moment" if name == "moment" else _NUMBERS.get(name, "")
        try:
            read: Any = value if key == "moment" else int(value) if key == "others" else float(value)
        except ValueError:
            read = None
        if not key or key in options or read is None:
            raise ConfigError("simulate.plant-unreadable", hint=_HINT, key="plant", value=text)
        options[key] = read
    return options


def parse_framing(text: str) -> Framing:
    """Read ``1x3:busy`` or ``1x3:busyx40``: attackers x innocent accounts : which ones, and posts copied of each.

    Raises
    ------
    ConfigError
        The text is something else, or a number is out of range.
    """
    match = _FRAMING.fullmatch(text.strip())
    which = "" if match is None else match[3]
    if match is None or which not in VICTIMS:
        raise ConfigError(
            "simulate.frame-unreadable", hint="hint.frame", key="frame", value=text, victims=list(VICTIMS)
        )
    posts = {"n_posts": int(match[4])} if match[4] else {}
    return Framing(n_attackers=int(match[1]), n_copied=int(match[2]), victims=which, **posts)  # type: ignore[arg-type]


def stream_files(path: Path) -> dict[str, Path]:
    """Return the files that belong to a stream written to ``path``, by what they hold."""
    stem = path.name.removesuffix(".parquet")
    names = {"traces": path.name, "truth": f"{stem}.truth.csv"}
    names |= {"objects": f"{stem}.objects.parquet", "operations": f"{stem}.operations.csv"}
    names |= {
        "accounts": f"{stem}.accounts.csv",
        "moments": f"{stem}.moments.parquet",
        "posts": f"{stem}.posts.parquet",
    }
    return {what: path.with_name(name) for what, name in names.items()}


def room_file(path: Path, *, room: int) -> Path:
    """Return where the part of a stream goes that a room sees: ``OUT.room-1.parquet`` and so on."""
    return path.with_name(f"{path.name.removesuffix('.parquet')}.room-{room + 1}.parquet")


def write_stream(path: Path, stream: Stream) -> dict[str, Path]:
    """Write traces to ``path``; truth, objects and operations beside it. All appear whole or not at all.

    Raises
    ------
    StoreError
        The folder cannot be written to.
    """
    files = stream_files(path)
    try:
        with scratch_folder(path.parent, name="stream") as folder:
            for what, target in files.items():
                frame = stream_posts(stream) if what == "posts" else getattr(stream, what)
                _write(frame, folder / what, csv=target.suffix == ".csv")
            publish({folder / what: target for what, target in files.items()}, survives="kill")
    except OSError as error:
        raise StoreError("file.not-written", path=str(path), reason=cause_of(error)) from error
    return files


def stream_posts(stream: Stream) -> pl.DataFrame:
    """Return a stream as POSTS that a scan can read: links, reposts, replies, pictures and hashtags, no words.

    Texts as objects have no counterpart: their posts carry nothing.
    """
    shared = stream.traces.select("post_id", "object_kind", "object_id")
    kind, code, none = pl.col("object_kind"), pl.col("object_id"), pl.lit([], dtype=pl.List(pl.String))
    stem = code.str.replace("/", "")

    def only(name: str, value: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
        return pl.when(kind == name).then(value).otherwise(otherwise)

    empty = pl.lit(None, dtype=pl.String)
    posts = stream.moments.join(shared, on="post_id", how="left", maintain_order="left").with_columns(
        pl.col("post_id").str.strip_prefix("sim/"),
        platform=pl.lit("sim"),
        source=pl.lit("simulated"),
        urls=only("link", pl.concat_list(code), none),
        hashtags=only("hashtags", pl.concat_list(*(stem + pl.lit(letter) for letter in "abc")), none),
        mentions=none,
        media=only("media", pl.concat_list(code), none),
        repost_of=only("repost", code, empty),
        reply_to=only("reply", code, empty),
        **dict.fromkeys(("text", "lang", "quote_of", "place"), empty),
        reach=pl.lit(None, dtype=pl.Int64),
    )
    return POSTS.check(posts)


def _write(frame: pl.DataFrame, path: Path, *, csv: bool) -> None:
    if csv:
        frame.write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%SZ")
    else:
        frame.write_parquet(path, compression="zstd")
