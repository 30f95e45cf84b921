"""What a file is and how it would be read, without reading all of it."""

from __future__ import annotations

import dataclasses
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from dideban.config import IngestConfig
from dideban.errors import InputError
from dideban.ingest import notes as said
from dideban.ingest.columns import check_targets
from dideban.ingest.convert import Converter, ReadAgainError
from dideban.ingest.detect import open_file
from dideban.ingest.format import TARGETS
from dideban.ingest.model import ROW, reject_frame
from dideban.ingest.posts import check_ids, counted, read_posts
from dideban.ingest.source_part import Choices, Opened
from dideban.ingest.subprocess_reader import Reader
from dideban.ingest.times import check_zone
from dideban.messages.message import NOTHING, Message

SAMPLE_ROWS = 1_000
SHOWN_ROWS = 10
MAX_PARTS = 20
MAX_READINGS = 8
WHOLE_BYTES = 64 * 1024 * 1024
"""Files up to this size are read as a run would read them, to say how that would end."""
INSPECTION_KEY = b"only for looking"
"""Pseudonyms shown by an inspection are not those of a run."""
_LOSSES = {
    target: Message(f"ingest.lose-{target.replace('_', '-')}") for target in ("post_id", "text", "urls", "repost_of")
}


@dataclass(frozen=True, kw_only=True)
class PartInspection:
    """One readable part of a file: the file itself, a member of an archive, a sheet."""

    name: str
    form: str
    packing: str
    encoding: str
    delimiter: str
    shape: str
    title: Message
    columns: list[str]
    unused: list[str]
    """Columns that nothing is read from."""
    mapping: dict[str, str]
    reasons: dict[str, Message]
    """Target column to why its source was chosen."""
    missing: dict[str, Message]
    """Columns of POSTS without a source, and what that means."""
    warnings: list[Message]
    """What cannot be told from this part and matters most: reposts, links, texts."""
    notes: list[Message]
    passed: dict[str, int]
    """Kind to count of records, among those looked at, that are whole but are no posts."""
    rows: list[dict[str, Any]]
    """The first rows as they would be read."""
    rejects: list[dict[str, Any]]
    """The first rows that would be set aside."""
    filled: dict[str, int]
    """Column of POSTS to the rows among those looked at that have a value there, count."""
    n_sample: int
    """Rows looked at, count."""
    n_rejects: int
    """Rows of these that would be set aside, count."""


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What a file is and how it would be read."""

    name: str
    n_bytes: int
    parts: list[PartInspection] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Why the file, or parts of it, cannot be used."""
    refused: Message = NOTHING
    """Why a run of this file alone would stop; empty where it would not."""
    refused_hint: Message = NOTHING
    n_more: int = 0
    """Parts that were not looked at, count."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain nested dictionaries, ready for JSON."""
        return {name: _plain(value) for name, value in dataclasses.asdict(self).items()}


def _plain(value: Any) -> Any:
    """Messages as English sentences, in lists and dictionaries too."""
    if isinstance(value, Message):
        return str(value)
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def inspect_file(path: Path, *, config: IngestConfig, mapping: Mapping[str, str] | None = None) -> Inspection:
    """Describe what a file is and how it would be read.

    Parameters
    ----------
    path : path
        One file.
    config : IngestConfig
        Settings of intake.
    mapping : mapping
        Column of POSTS to column of the file; overrides every guess.

    Raises
    ------
    InputError
        There is no such file.
    ConfigError
        ``mapping`` names an unknown column.

    Notes
    -----
    A file that cannot be used is not an error here: ``problems`` explains why.
    """
    check_targets(mapping or {})
    check_zone(config.time_zone)
    if not path.is_file():
        raise InputError("ingest.no-such-file", path=str(path))
    small = dataclasses.replace(config, chunk_rows=min(SAMPLE_ROWS, config.chunk_rows))
    parts: list[PartInspection] = []
    problems: list[str] = []
    first: InputError | None = None
    n_more = 0
    with tempfile.TemporaryDirectory(prefix="dideban-") as scratch, Reader(Path(scratch)) as reader:
        choices = Choices(small, reader, mapping or {})
        for opened in open_file(path, path.name, choices):
            if isinstance(opened, InputError):
                problems.append(f"{opened} ({opened.hint})" if opened.hint else str(opened))
                first = first or opened
            elif len(parts) >= MAX_PARTS:
                n_more += 1
            else:
                try:
                    parts.append(_look(opened, small, mapping or {}))
                except InputError as error:
                    problems.append(str(error))
    refused = _refusal(path, parts, config, mapping or {})
    if first is not None and refused[0] == said.NOTHING_USABLE:
        refused = first.message, first.hint
    return Inspection(
        name=path.name, n_bytes=path.stat().st_size, parts=parts, problems=problems, n_more=n_more,
        refused=refused[0], refused_hint=refused[1],
    )  # fmt: skip


def _refusal(
    path: Path, parts: list[PartInspection], config: IngestConfig, mapping: Mapping[str, str]
) -> tuple[Message, Message]:
    """Describe why a run would stop: by such a run where that is quick, else by the rows looked at."""
    if path.stat().st_size <= WHOLE_BYTES:
        with tempfile.TemporaryDirectory(prefix="dideban-") as out:
            try:
                read_posts([path], out=Path(out), key=INSPECTION_KEY, config=config, mapping=mapping)
            except InputError as error:
                return error.message, error.hint
        return NOTHING, NOTHING
    n_sample, n_rejects = sum(part.n_sample for part in parts), sum(part.n_rejects for part in parts)
    if n_sample and n_rejects > config.max_reject_share * n_sample:
        return said.mostly_rejected(n_rejects, n_sample), NOTHING
    return (NOTHING, NOTHING) if n_sample else (said.NOTHING_USABLE, NOTHING)


def _look(opened: Opened, config: IngestConfig, said_map: Mapping[str, str]) -> PartInspection:
    converter = Converter(opened.name, opened.chosen, config, INSPECTION_KEY)
    for _ in range(MAX_READINGS):
        try:
            posts, rejects, n_sample, passed, told = _sample(opened, converter)
            converter.finish()
            if converter.has_short_ids or converter.learned.home:
                check_ids(posts.lazy().with_columns(order=pl.col(ROW)), opened, converter.learned)
            break
        except ReadAgainError as error:
            learned = error.learned if error.learned.aliases is None else dataclasses.replace(error.learned, aliases={})
            converter = Converter(opened.name, opened.chosen, config, INSPECTION_KEY, learned)
    known = opened.form in ("json", "ndjson") and opened.shape.extract is not None
    counts = counted(passed, told, converter.n_damaged)
    return PartInspection(
        name=opened.name,
        form=opened.form,
        packing=opened.packing,
        encoding=opened.encoding,
        delimiter=opened.delimiter,
        shape=opened.shape.name,
        title=opened.shape.said,
        columns=opened.columns,
        unused=[] if known else opened.unused,
        mapping={} if known else opened.mapping,
        reasons={} if known else {t: opened.chosen.reasons.get(t, said.BY_MAP) for t in opened.mapping},
        missing={t: _loss(t, opened) for t in TARGETS if t not in opened.mapping},
        warnings=_warnings(opened, posts),
        notes=list(dict.fromkeys([*opened.notes, *opened.shape.notes, *converter.notes, *counts])),
        passed=dict(passed.most_common()),
        rows=posts.head(SHOWN_ROWS).drop(ROW).to_dicts(),
        rejects=rejects.head(SHOWN_ROWS).to_dicts(),
        filled=_filled(posts),
        n_sample=n_sample,
        n_rejects=rejects.height,
    )


def _warnings(opened: Opened, posts: pl.DataFrame) -> list[Message]:
    """Say loudly what cannot be told: without it copies and crowds look alike."""
    lines: list[Message] = []
    found = posts["repost_of"].is_not_null().any()
    if ("repost_of" not in opened.mapping and not found) or (
        opened.shape.extract is not None and opened.shape.cannot_tell_reposts
    ):
        lines.append(said.NO_REPOSTS)
    if "text" not in opened.mapping:
        lines.append(said.NO_TEXTS)
    if posts.height and "urls" not in opened.mapping and "text" not in opened.mapping:
        lines.append(said.NO_LINKS)
    return lines


def _loss(target: str, opened: Opened) -> Message:
    if target == "platform":
        return Message("ingest.lose-platform", platform=opened.shape.platform or "unknown")
    return _LOSSES.get(target, said.STAYS_EMPTY)


def _filled(posts: pl.DataFrame) -> dict[str, int]:
    lists = [name for name in TARGETS if isinstance(posts.schema[name], pl.List)]
    counts = posts.select(
        (pl.col(name).list.len() > 0).sum() if name in lists else pl.col(name).is_not_null().sum() for name in TARGETS
    )
    return {name: int(count) for name, count in counts.row(0, named=True).items() if count}


def _sample(opened: Opened, converter: Converter) -> tuple[pl.DataFrame, pl.DataFrame, int, Counter[str], Counter[str]]:
    """Convert the first rows; rows and rejects together are what was looked at."""
    posts: list[pl.DataFrame] = []
    rejects: list[pl.DataFrame] = []
    passed: Counter[str] = Counter()
    told: Counter[str] = Counter()
    seen = 0
    for block in opened.blocks():
        good, bad = converter.convert(block.frame.head(SAMPLE_ROWS - seen))
        posts.append(good)
        rejects += [bad, reject_frame(opened.name, block.rejects[:SAMPLE_ROWS])]
        passed.update(block.passed)
        told.update(block.said)
        seen += min(block.frame.height, SAMPLE_ROWS - seen) + len(block.rejects[:SAMPLE_ROWS])
        if seen >= SAMPLE_ROWS:
            break
    good = pl.concat(posts).sort(ROW)
    return good, pl.concat(rejects).sort("row", maintain_order=True), seen, passed, told
