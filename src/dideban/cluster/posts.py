"""Stage 1: tables of posts on the cluster to POSTS, by the rules of intake; each post once."""

from __future__ import annotations

import contextlib
import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from dideban.cluster.engine import Engine
from dideban.cluster.frames import map_frame
from dideban.cluster.inputs import ClusterInput
from dideban.config import IngestConfig
from dideban.errors import ConfigError, InputError
from dideban.ingest import notes as said
from dideban.ingest.column_evidence import FirstRows
from dideban.ingest.convert import Converter, Learned, ReadAgainError, hide_accounts
from dideban.ingest.delimited import SAMPLE_ROWS
from dideban.ingest.detect import as_words
from dideban.ingest.merge import UNITS_S
from dideban.ingest.model import ROW, InputFile
from dideban.ingest.source_part import Choices, Chosen, choose
from dideban.messages import Message
from dideban.schema import POSTS, PSEUDONYM

MAX_CONFLICTS = 0.01
FEW_CONFLICTS = 20
"""As intake: a larger share of rows, or more of them, with the id of another post, and ids are not ids."""
MAX_REJECTS = 10_000
"""Rejects that are listed in the result; all are counted."""
AGAIN = "again"
"""Reason of a batch that shows that its table must be read in another way."""
ABOUT = {"reason": pl.String(), "column": pl.String(), "value": pl.String()}
CONVERTED = {**POSTS.dtypes, **ABOUT}
KEYS = ("platform", "post_id")


@dataclass(frozen=True, kw_only=True)
class ClusterIntake:
    """POSTS on the cluster, and the account of what was read."""

    frame: Any
    """POSTS, each (platform, post_id) once."""
    files: list[InputFile]
    n_rows: int
    n_posts: int
    n_duplicates: int
    reasons: dict[str, int]
    rejects: pl.DataFrame
    """Some of the REJECTS; a cluster numbers no rows."""
    time_resolution_s: float


def read_cluster_posts(
    engine: Engine,
    inputs: Sequence[ClusterInput],
    *,
    key: bytes,
    config: IngestConfig,
    mapping: Mapping[str, str] | None = None,
) -> ClusterIntake:
    """Read tables of posts as intake reads them, where they lie.

    Parameters
    ----------
    inputs : tables of one schema each
    key : bytes
        Key of the pseudonyms: it goes to the workers.

    Raises
    ------
    InputError
        Nothing usable, or more rejects than the settings allow.
    SourceError
        The cluster failed.

    Notes
    -----
    Of several rows with one (platform, post_id) the earliest stands, ties broken by content: on a cluster there is no
    order of arrival. Otherwise rows are judged as intake judges them.
    """
    with engine.telling("posts"):
        return _read(engine, inputs, key=key, config=config, mapping=mapping or {})


def _read(
    engine: Engine, inputs: Sequence[ClusterInput], *, key: bytes, config: IngestConfig, mapping: Mapping[str, str]
) -> ClusterIntake:
    parts, files = [], []
    for one in inputs:
        frame, file = _convert(engine, one, key=key, config=config, mapping=mapping)
        parts.append(frame)
        files.append(file)
    rows = parts[0]
    for part in parts[1:]:
        rows = rows.unionByName(part)
    rows = engine.keep(rows, "converted", stage="posts")
    counted = engine.take(rows.groupBy("source", "reason", "column").count(), stage="posts")
    _refuse_second_reading(counted)
    good = rows.filter("reason is null").select(POSTS.names)
    once, n_duplicates, n_conflicts = _each_once(engine, good)
    files = [dataclasses.replace(file, n_rows=_rows_of(counted, file.name)) for file in files]
    reasons = Counter({reason: n for reason, n in _reasons(counted).items() if reason})
    reasons["id-conflict"] += n_conflicts
    n_rows = int(counted["count"].sum())
    n_rejects = reasons.total()
    _judge(n_rows, n_rejects, n_conflicts, reasons=reasons, config=config, name=files[0].name)
    return ClusterIntake(
        frame=once, files=files, n_rows=n_rows, n_posts=n_rows - n_rejects - n_duplicates, n_duplicates=n_duplicates,
        reasons={reason: n for reason, n in reasons.most_common() if n}, rejects=_some_rejects(engine, rows),
        time_resolution_s=_resolution(engine, good, time_zone=config.time_zone),
    )  # fmt: skip


def _convert(
    engine: Engine, one: ClusterInput, *, key: bytes, config: IngestConfig, mapping: Mapping[str, str]
) -> tuple[Any, InputFile]:
    raw = one.open(engine)
    names = list(raw.columns)
    sample = engine.take(raw.limit(SAMPLE_ROWS), stage="posts")
    chosen = choose(names, one.name, _choices(config, mapping), evidence=FirstRows(as_words(sample)))
    raw = raw.select(*[_quoted(name) for name in chosen.needed(names)])
    notes, day_first = _first_look(sample, one.name, chosen, config)
    config = dataclasses.replace(config, day_first=day_first)
    hides = not config.keep_ids and not (chosen.shape.name == "dideban" and _all_hidden(engine, raw, chosen))
    work = partial(
        convert_batch, source=one.name, chosen=chosen, config=dataclasses.replace(config, keep_ids=True),
        key=key if hides else b"",
    )  # fmt: skip
    told = {target: source.label for target, source in chosen.fields.items()}
    file = InputFile(one.name, "", one.n_bytes, 0, chosen.shape.name, told, notes)
    return map_frame(raw, work, columns=CONVERTED), file


def _first_look(sample: pl.DataFrame, name: str, chosen: Chosen, config: IngestConfig) -> tuple[list[Message], bool]:
    """Return what is assumed of the first rows, and so of all; and whether the day stands first in their dates."""
    converter = Converter(name, chosen, dataclasses.replace(config, keep_ids=True), b"")
    with contextlib.suppress(ReadAgainError):
        converter.convert(_numbered(sample.select(chosen.needed(sample.columns))))
        converter.finish()
    return [*chosen.notes, *chosen.shape.notes, *converter.notes], converter.order.day_first


def _numbered(raw: pl.DataFrame) -> pl.DataFrame:
    return raw.with_columns(pl.int_range(1, raw.height + 1).cast(pl.Int64).alias(ROW))


def _choices(config: IngestConfig, mapping: Mapping[str, str]) -> Choices:
    return Choices(config, reader=None, mapping=mapping)  # type: ignore[arg-type]  # a table needs no reader of files


def _all_hidden(engine: Engine, raw: Any, chosen: Chosen) -> bool:
    """Whether all accounts are pseudonyms already: judged on the whole table, however it is cut."""
    from pyspark.sql import functions as F  # noqa: N812 - as its users write it

    source = chosen.fields["account_id"]
    if source.how != "one":
        return False
    column = F.col(_quoted(source.label)).cast("string")
    shown = raw.filter(column.isNotNull() & ~column.rlike(PSEUDONYM)).limit(1)
    return engine.take(shown, stage="posts").is_empty()


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def convert_batch(raw: pl.DataFrame, *, source: str, chosen: Chosen, config: IngestConfig, key: bytes) -> pl.DataFrame:
    """Return CONVERTED of some raw rows: posts, and what was rejected."""
    converter = Converter(source, chosen, config, b"", Learned(day_first=config.day_first))
    try:
        posts, rejects = converter.convert(_numbered(raw))
    except ReadAgainError as error:
        asked = "account_id" if error.learned.aliases is not None else "day-first"
        again = {"source": [source], "reason": [AGAIN], "column": [asked]}
        return _filled(pl.DataFrame(again))
    if converter.order.n_day_first > converter.order.n_month_first and not config.day_first:
        return _filled(pl.DataFrame({"source": [source], "reason": [AGAIN], "column": ["day-first"]}))
    if key and posts.height:
        posts = hide_accounts(posts, key=key)
    return pl.concat([_filled(posts.drop(ROW)), _filled(rejects.drop("row"))])


def _filled(rows: pl.DataFrame) -> pl.DataFrame:
    """Give rows the columns of CONVERTED; lists that are not there are empty."""
    missing = [
        (pl.lit([], dtype) if isinstance(dtype, pl.List) else pl.lit(None, dtype)).alias(name)
        for name, dtype in CONVERTED.items()
        if name not in rows.columns
    ]
    return rows.with_columns(missing).select(list(CONVERTED))


def _refuse_second_reading(counted: pl.DataFrame) -> None:
    """A cluster reads once: what a later row would settle must be settled beforehand."""
    again = counted.filter(pl.col("reason") == AGAIN)
    if again.height:
        name, what = again.sort("source", "column").row(0)[0], again["column"].unique().sort().to_list()
        hint = "cluster.hint-day-first" if what[-1] == "day-first" else "cluster.hint-map"
        raise ConfigError("cluster.read-once", hint=hint, name=name, column=what[0])


def _each_once(engine: Engine, posts: Any) -> tuple[Any, int, int]:
    """Return posts with each key once, and how many rows said the same again, or something else under the same id."""
    from pyspark.sql import Window
    from pyspark.sql import functions as F  # noqa: N812

    keys = posts.groupBy(*KEYS).count().filter("count > 1").select(*KEYS)
    keys = engine.keep(keys, "repeated", stage="once")
    if engine.take(keys.limit(1), stage="once").is_empty():
        return posts, 0, 0
    lists = [F.to_json(name).alias(name) for name in ("urls", "hashtags", "mentions", "media")]
    order = ["created_at", "account_id", "text", "lang", "repost_of", "reply_to", "quote_of", "place", "source"]
    window = Window.partitionBy(*KEYS).orderBy(*order, *lists, F.desc("reach"))
    whole = Window.partitionBy(*KEYS)
    same = sum((F.col(name).eqNullSafe(F.first(name).over(window)).cast("int")
        for name in ("created_at", "account_id", "text")), F.lit(0))  # fmt: skip
    met = posts.join(keys, list(KEYS), "left_semi")
    judged = met.select("*", F.row_number().over(window).alias("_nth"), (same >= 2).alias("_agrees"),
        F.max("reach").over(whole).alias("_reach"))  # fmt: skip
    judged = engine.keep(judged, "judged", stage="once")
    later = engine.take(judged.filter("_nth > 1").groupBy("_agrees").count(), stage="once")
    n_of = dict(later.iter_rows())
    first = judged.filter("_nth = 1").withColumn("reach", F.col("_reach")).select(POSTS.names)
    once = posts.join(keys, list(KEYS), "left_anti").select(POSTS.names).unionByName(first)
    return engine.keep(once, "posts", stage="once"), int(n_of.get(True, 0)), int(n_of.get(False, 0))


def _rows_of(counted: pl.DataFrame, name: str) -> int:
    return int(counted.filter(pl.col("source") == name)["count"].sum())


def _reasons(counted: pl.DataFrame) -> dict[str, int]:
    return dict(counted.group_by("reason").agg(pl.col("count").sum()).sort("reason").iter_rows())


def _judge(
    n_rows: int, n_rejects: int, n_conflicts: int, *, reasons: Counter[str], config: IngestConfig, name: str
) -> None:
    """Stop where nothing, or too little, could be used; by the rules of intake."""
    top = Message("ingest.top-reasons",
        reasons=[Message("ingest.top-reason", reason=reason, n=n) for reason, n in reasons.most_common(3) if n],
    )  # fmt: skip
    if n_rejects == n_rows:
        raise InputError("ingest.no-usable-row", hint="ingest.hint-inspect", n=n_rows, top=top if n_rows else "")
    if n_conflicts > max(FEW_CONFLICTS, MAX_CONFLICTS * n_rows):
        raise InputError(said.ids_repeat(name, n_conflicts, n_rows), hint=said.QUALIFY, path=name)
    if n_rejects / n_rows > config.max_reject_share:
        raise InputError(
            "ingest.mostly-rejected-rows", hint="ingest.hint-inspect-share", share=round(n_rejects / n_rows, 2),
            n=n_rows, top=top,
        )  # fmt: skip


def _some_rejects(engine: Engine, rows: Any) -> pl.DataFrame:
    listed = rows.filter("reason is not null").select("source", "column", "reason", "value")
    some = engine.take(listed.orderBy("source", "reason", "column", "value").limit(MAX_REJECTS), stage="posts")
    return some.select("source", pl.lit(0, pl.Int64).alias("row"), "column", "reason", pl.col("value").fill_null(""))


UNITS = {"n": pl.Int64(), **{f"u{place}": pl.Int64() for place in range(2 * len(UNITS_S))}}


def _resolution(engine: Engine, posts: Any, *, time_zone: str) -> float:
    """Coarsest unit that 99 of 100 times are multiples of, by the rule of intake."""
    from pyspark.sql import functions as F  # noqa: N812

    parts = map_frame(posts.select("created_at"), partial(count_units, time_zone=time_zone), columns=UNITS)
    total = engine.take(parts.agg(*[F.sum(name).alias(name) for name in UNITS]), stage="once").row(0, named=True)
    for place, unit_s in enumerate(UNITS_S):
        most = max(total[f"u{place}"] or 0, total[f"u{place + len(UNITS_S)}"] or 0)
        if total["n"] and most >= 0.99 * total["n"]:
            return unit_s
    return 1e-6


def count_units(moments: pl.DataFrame, *, time_zone: str) -> pl.DataFrame:
    """Return UNITS of a batch: times, and how many are multiples of each unit, in UTC and in ``time_zone``."""
    at = moments["created_at"]
    local = at.dt.convert_time_zone(time_zone).dt.replace_time_zone(None)
    counts = [
        int((clock.dt.timestamp("us") % round(unit * 1e6) == 0).sum()) for clock in (at, local) for unit in UNITS_S
    ]
    return pl.DataFrame({name: [n] for name, n in zip(UNITS, [len(at), *counts], strict=True)}, schema=UNITS)
