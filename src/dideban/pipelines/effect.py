"""The effect of responses: from posts and a table of responses to a folder with figures, curves and a page."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl

from dideban import __version__
from dideban.atomic import write_folder
from dideban.config import Config
from dideban.effect.estimate import estimate, pool_all
from dideban.effect.match import Known
from dideban.effect.model import VERSION, Effect, EffectConfig, PooledEffect, TimedResponse
from dideban.effect.series import MAX_HOURS, Series
from dideban.effect.words import pooled_sentences, sentences, verdict
from dideban.errors import InputError
from dideban.kinds import KINDS
from dideban.messages import Message, describe
from dideban.pipelines.elsewhere import What
from dideban.pipelines.further_effects import FurtherEffects, further_effects, further_words
from dideban.pipelines.reading import files_of, read_table, reading_posts
from dideban.pipelines.removals import read_removals
from dideban.pipelines.responses import TableRow, read_responses, resolver
from dideban.pipelines.targets import check_target
from dideban.progress import SILENT, Progress
from dideban.report.effect import render_effects
from dideban.schema import post_key
from dideban.traces import extract_traces

EFFECT = "effect.json"
TEXT_KINDS = tuple(kind.slug for kind in KINDS if kind.is_words and kind.is_clustered)
MAX_CELLS = 100_000_000
"""Targets times hours held in memory."""
HOUR_US = 3_600_000_000


@dataclass(frozen=True, kw_only=True)
class MeasuredEffects:
    """The result of :func:`measure_effects`, and where its files are."""

    out: Path
    effects: list[Effect]
    pooled: list[PooledEffect]
    further: FurtherEffects
    """Whether activity moved elsewhere, and whether posts disappeared."""
    notes: list[Message]
    rejects: list[tuple[int, Message]]

    @property
    def report(self) -> Path:
        """The page to open in a browser."""
        return self.out / "effect.html"


@dataclass(frozen=True, kw_only=True)
class Targets:
    """What can be answered, and its posts by the hour."""

    names: pl.DataFrame
    """``row``, ``target`` (id), ``label``, ``kind``."""
    series: Series
    start_us: int
    """Start of the first hour, microseconds since 1970."""
    shares: pl.DataFrame
    """``row``, ``post_id``, ``hour``: the posts of each target."""
    notes: list[Message]


def measure_effects(
    paths: str | Path | Sequence[str | Path],
    *,
    responses: str | Path,
    out: str | Path,
    narratives: str | Path | None = None,
    gone: str | Path | None = None,
    config: Config | None = None,
    settings: EffectConfig | None = None,
    key: bytes | None = None,
    key_file: Path | None = None,
    mapping: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> MeasuredEffects:
    """Estimate what responses did to links, hashtags, texts or narratives, and write it to a folder.

    Parameters
    ----------
    paths : path or paths
        Files or folders of posts in any known shape.
    responses : path
        CSV with ``response, target, at, horizon_h`` and, where known, ``kind, planned_at, drawn_with, odds``.
    out : path
        Folder to write. It appears whole or not at all; an earlier result of ours is replaced.
    narratives : path
        Folder of ``dideban narratives`` from the same posts: targets are then narratives; None = shared objects.
    gone : path
        CSV with ``post_id, gone_at``: posts that were found to be there no more; None = not known.
    config, settings : Config, EffectConfig
        Settings of intake and traces; settings of the estimate. None = defaults.
    key, key_file, mapping
        As for a scan.
    progress : Progress
        Reports each stage.

    Returns
    -------
    MeasuredEffects

    Raises
    ------
    InputError, ConfigError, StoreError
        In plain words; nothing half-written is left behind.
    """
    config, settings, target = config or Config(), settings or EffectConfig(), Path(out)
    check_target(target, mark=EFFECT)
    table, rejects = read_responses(Path(responses))
    removals, notes = read_removals(Path(gone)) if gone else (None, [])
    with reading_posts(
        files_of(paths), config=config, key=key, key_file=key_file, mapping=mapping, progress=progress
    ) as intake:
        posts = read_table(intake.posts_path)
        events = _narratives(posts, Path(narratives)) if narratives else _objects(posts, config, progress)
        writers = posts.select(post_key().alias("post_id"), pl.col("account_id").alias("carrier"), _hour()).collect()
        rejected = intake.rejects_path.read_bytes()
    targets = count_targets(events, settings=settings)
    chosen = _responses(table, targets)
    known = Known.of(targets.series, chosen, config=settings)
    estimated = estimate(known, chosen)
    further = further_effects(
        known, estimated, shares=targets.shares, start_us=targets.start_us, removals=removals,
        carriers={"accounts": writers, **_texts(events)},
    )  # fmt: skip
    run = MeasuredEffects(
        out=target, effects=[effect for effect, _ in estimated], pooled=pool_all(estimated, config=settings),
        further=further, notes=[*targets.notes, *notes, *further.notes], rejects=rejects,
    )  # fmt: skip
    _write(run, table=table, settings=settings, config=config, rejected=rejected)
    return run


def _hour() -> pl.Expr:
    """Return hours since 1970."""
    return (pl.col("created_at").dt.timestamp("us") // HOUR_US).alias("hour")


def _texts(events: pl.DataFrame) -> dict[What, pl.DataFrame]:
    """Return which posts repeat which text, where the targets are shared objects."""
    texts = events.filter(pl.col("kind").is_in(TEXT_KINDS))
    found = texts.select("post_id", pl.col("target").alias("carrier"), _hour())
    return {"texts": found} if found.height else {}


def _objects(posts: pl.LazyFrame, config: Config, progress: Progress) -> pl.DataFrame:
    """Return ``target, label, kind, post_id, created_at``, one row per post and object it shares."""
    found = extract_traces(posts, config=config.traces, threads=config.threads, progress=progress)
    labels = found.objects.select("object_kind", "object_id", "label")
    return found.traces.join(labels, on=["object_kind", "object_id"], how="left").select(
        pl.col("object_id").alias("target"), "label", pl.col("object_kind").cast(pl.String).alias("kind"), "post_id",
        "created_at",
    )  # fmt: skip


def _narratives(posts: pl.LazyFrame, folder: Path) -> pl.DataFrame:
    """Return ``target, label, kind, post_id, created_at``, one row per post of a narrative."""
    try:
        members = pl.read_parquet(folder / "posts.parquet", columns=["post_id", "narrative_id"], glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError("run.posts-unreadable", path=str(folder / "posts.parquet")) from error
    times = posts.select(post_key().alias("post_id"), "created_at").collect()
    return members.join(times, on="post_id").select(
        pl.col("narrative_id").cast(pl.String).alias("target"),
        pl.col("narrative_id").cast(pl.String).alias("label"), pl.lit("narrative").alias("kind"), "post_id",
        "created_at",
    )  # fmt: skip


def count_targets(events: pl.DataFrame, *, settings: EffectConfig) -> Targets:
    """Count posts by target and hour.

    Parameters
    ----------
    events : ``target, label, kind, post_id, created_at``
        One row per post and target.

    Raises
    ------
    InputError
        No target has enough posts.
    """
    sizes = events.group_by("kind", "target").agg(pl.len(), pl.col("label").first())
    sizes = sizes.filter(pl.col("len") >= settings.least_posts).sort(
        ["len", "kind", "target"], descending=[True, False, False]
    )
    if sizes.is_empty():
        raise InputError("effect.units-none")
    hours = events.select(_hour())["hour"]
    last, first = int(hours.max() or 0), int(hours.min() or 0)  # type: ignore[arg-type]
    notes = []
    if last - first + 1 > MAX_HOURS:
        first = last - MAX_HOURS + 1
        notes.append(Message("effect.long-series", n=MAX_HOURS // 24))
    n_hours = last - first + 1
    if sizes.height > (most := max(1, MAX_CELLS // n_hours)):
        sizes = sizes.head(most)
        notes.append(Message("effect.most-posts", n=most))
    names = sizes.select("kind", "target", "label").with_row_index("row")
    inside = events.join(names.select("kind", "target", "row"), on=["kind", "target"]).select(
        "row", "post_id", _hour() - first
    )
    cells = inside.filter(pl.col("hour") >= 0).group_by("row", "hour").len()
    counts = np.zeros((names.height, n_hours), np.int32)
    counts[cells["row"].to_numpy(), cells["hour"].to_numpy()] = cells["len"].to_numpy()
    series = Series(counts, np.ones(n_hours, np.bool_), first_hour_of_day=first % 24)
    return Targets(names=names, series=series, start_us=first * HOUR_US, shares=inside, notes=notes)


def _responses(table: Sequence[TableRow], targets: Targets) -> list[TimedResponse]:
    """Return the responses with the rows of their targets."""
    find = resolver(targets.names)

    def hour(at_us: int) -> float:
        return (at_us - targets.start_us) / HOUR_US

    return [
        TimedResponse(
            name=row.name,
            unit=find(row.target),
            hour=hour(row.at_us),
            horizon_h=row.horizon_h,
            kind=row.kind,
            planned_hour=None if row.planned_us is None else hour(row.planned_us),
            drawn_with=tuple(find(one) for one in row.drawn_with),
            odds=row.odds,
        )
        for row in table
    ]


def document(
    run: MeasuredEffects, *, table: Sequence[TableRow], settings: EffectConfig, config: Config
) -> dict[str, Any]:
    """Return the content of ``effect.json``."""
    from dataclasses import asdict

    said = [
        {
            **one.to_dict(), "target": row.target, "at": row.at, **further_words(run.further, index, config=settings),
            "statements": [describe(line) for line in sentences(one, config=settings)],
            "verdict": verdict(one, config=settings) if one.identifiable else "not-identifiable",
        }
        for index, (one, row) in enumerate(zip(run.effects, table, strict=True))
    ]  # fmt: skip
    together = [
        {
            **one.to_dict(), "verdict": verdict(one, config=settings),
            "statements": [describe(line) for line in pooled_sentences(one, config=settings)],
        }
        for one in run.pooled
    ]  # fmt: skip
    digest = hashlib.sha256(orjson.dumps(asdict(settings), option=orjson.OPT_SORT_KEYS)).hexdigest()
    return {
        "schema": "dideban.effect/1", "version": __version__, "method": VERSION, "settings": asdict(settings),
        "settings_digest": digest, "config_digest": config.digest(), "responses": said, "pooled": together,
        "further": further_words(run.further, None, config=settings),
        "notes": [describe(note) for note in run.notes],
        "rejects": [{"row": row, **describe(why)} for row, why in run.rejects],
    }  # fmt: skip


def _write(
    run: MeasuredEffects, *, table: Sequence[TableRow], settings: EffectConfig, config: Config, rejected: bytes
) -> None:
    content = document(run, table=table, settings=settings, config=config)
    page = render_effects(content, version=__version__)
    files = {
        "effect.html": page.encode("utf-8", "replace"),
        "rejects.csv": rejected,
        EFFECT: orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS),
    }
    write_folder(run.out, files, survives="kill")


__all__ = ["MeasuredEffects", "Targets", "count_targets", "measure_effects"]
