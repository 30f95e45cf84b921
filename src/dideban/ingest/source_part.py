"""One readable part of a file: its shape, where its fields come from, and how its rows are reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dideban.config import IngestConfig
from dideban.ingest import columns, notes
from dideban.ingest.column_evidence import FirstRows, nothing
from dideban.ingest.dialects import are_times
from dideban.ingest.field_source import FieldSource, one
from dideban.ingest.format import Columns, Shape
from dideban.ingest.guess import MAX_COLUMNS, Guess, Pick, guess
from dideban.ingest.likely_columns import most_like_accounts
from dideban.ingest.model import Block, UnusableError
from dideban.ingest.sources import GENERIC, SHAPES
from dideban.ingest.subprocess_reader import Reader
from dideban.messages.message import NOTHING, Message

NEEDED = ("account_id", "created_at")
_WRAPPED = r'^(?:="[^"]*"|x[0-9]{15,19}|[A-Za-z_]*id:[0-9]{5,20})$'


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A file, or one inside an archive or workbook, ready to be read."""

    name: str
    form: str
    """``csv``, ``ndjson``, ``json``, ``parquet``, ``xlsx`` or ``text``."""
    columns: list[str]
    chosen: Chosen
    blocks: Callable[[], Iterator[Block]]
    packing: str = "none"
    encoding: str = ""
    delimiter: str = ""
    notes: tuple[Message, ...] = ()

    @property
    def shape(self) -> Shape:
        """Known shape of the part."""
        return self.chosen.shape

    @property
    def mapping(self) -> dict[str, str]:
        """Field of POSTS to the column it is read from, or the label of several."""
        return {target: source.label for target, source in self.chosen.fields.items()}

    @property
    def unused(self) -> list[str]:
        """Columns that nothing is read from."""
        used = set(self.chosen.needed(self.columns, every=False))
        return [name for name in self.columns if name not in used]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What was made of the columns of a part."""

    shape: Shape
    fields: Mapping[str, FieldSource]
    reasons: Mapping[str, Message] = field(default_factory=dict)
    """Field to why its source was chosen."""
    permalinks: tuple[str, ...] = ()
    """Columns with the address of the post itself."""
    homes: tuple[str, ...] = ()
    """Columns inside which ids may be unique."""
    account_name: str = ""
    """Column with the name of the account, for rows that lack its id."""
    wrapped: tuple[str, ...] = ()
    """Columns whose cells are written ="..." to keep a spreadsheet from changing them."""
    blank_is_none: bool = True
    """A blank cell of links means that there are none; otherwise it is left to the text."""
    notes: tuple[Message, ...] = ()

    def needed(self, names: Sequence[str], *, every: bool = True) -> list[str]:
        """Columns to be read; ``every``: all of them where the shape derives more from them."""
        if every and self.shape.derive is not None:
            return list(names)
        wanted = [name for source in self.fields.values() for name in source.needed]
        wanted += [*self.permalinks, *self.homes, self.account_name]
        return [name for name in dict.fromkeys(wanted) if name in names]


@dataclass(frozen=True)
class Choices:
    """What the person settled beforehand, and who reads what may break its reader."""

    config: IngestConfig
    reader: Reader
    mapping: Mapping[str, str] = field(default_factory=dict)

    @property
    def scratch(self) -> Path:
        """Where there is room to unpack."""
        return self.reader.scratch


def is_header(names: Sequence[str]) -> bool:
    """Whether names are those of a table of posts: a known shape, or columns for account and time."""
    known = frozenset(names)
    if any(shape.columns is not None and shape.columns(known) for shape in SHAPES):
        return True
    return not set(NEEDED) - guess(names, nothing()).picks.keys()


def choose(names: list[str], name: str, choices: Choices, *, evidence: FirstRows | None = None) -> Chosen:
    """Pick the shape of a table and the source of each field.

    Parameters
    ----------
    evidence : Evidence
        The first rows; without any, names decide alone.

    Raises
    ------
    UnusableError
        No columns for account and time.
    ConfigError
        What the person said names a column that is not there.
    """
    evidence = evidence or nothing()
    shape = shape_of_table(frozenset(names))
    found = guess(names, evidence) if shape is GENERIC else _by_shape(shape, names, evidence)
    fields = columns.apply_map(
        choices.mapping, [*names, *shape.derived], {target: pick.source for target, pick in found.picks.items()}
    )
    if not (shape.own_objects or shape.as_is):
        fields = _without_empty_signs(fields, evidence, said=choices.mapping)
    _refuse_incomplete(fields, names, name, found, evidence)
    reasons = {target: pick.why for target, pick in found.picks.items()}
    return Chosen(
        shape=shape,
        fields=fields,
        reasons={target: notes.BY_MAP if target in choices.mapping else reasons[target] for target in fields},
        permalinks=found.permalinks,
        homes=found.homes,
        account_name="" if "account_id" in choices.mapping else found.account_name,
        wrapped=tuple(column for column in names if evidence.share(column, _WRAPPED) > 0.5),
        blank_is_none=_blank_is_none(shape, fields.get("urls"), evidence),
        notes=tuple(found.notes),
    )


def _without_empty_signs(
    fields: dict[str, FieldSource], evidence: FirstRows, *, said: Mapping[str, str]
) -> dict[str, FieldSource]:
    """Hashtags and mentions stand in the text too: a column without any does not deny them."""
    return {
        target: source
        for target, source in fields.items()
        if target not in ("hashtags", "mentions") or target in said or not all(map(evidence.is_empty, source.columns))
    }


def shape_of_table(names: Columns) -> Shape:
    """Return the known shape that has these columns, or the one for all others."""
    return next((shape for shape in SHAPES if shape.columns is not None and shape.columns(names)), GENERIC)


def _by_shape(shape: Shape, names: Sequence[str], evidence: FirstRows) -> Guess:
    sources = shape.choose(frozenset(names), evidence.is_empty)
    why = notes.by_shape(shape.said)
    listed = (shape.permalink,) if isinstance(shape.permalink, str) else shape.permalink
    permalinks = tuple(name for name in listed if name in names and not evidence.is_empty(name))
    if "post_id" not in sources and permalinks and evidence.filled(permalinks[0]).is_unique().all():
        sources["post_id"] = one(permalinks[0])
    return Guess(
        picks={target: Pick(source, why) for target, source in sources.items()},
        permalinks=permalinks,
        homes=tuple(name for name in shape.homes if name in names),
    )


def _blank_is_none(shape: Shape, source: FieldSource | None, evidence: FirstRows) -> bool:
    """Whether a blank cell of links says that there are none: in columns that hold lists."""
    if source is None:
        return True
    if shape is not GENERIC:
        return not shape.links_in_text
    names = [columns.plain(name) for name in source.columns]
    return all(name.endswith(("s", "list")) for name in names) or any(
        name in evidence.sample.columns and (evidence.sample[name].str.starts_with("[")).any()
        for name in source.columns
    )


def _refuse_incomplete(
    fields: Mapping[str, FieldSource], names: list[str], name: str, found: Guess, evidence: FirstRows
) -> None:
    missing = [target for target in NEEDED if target not in fields]
    if missing:
        used = found.used
        likely = most_like_accounts([name for name in names[:MAX_COLUMNS] if name not in used], evidence)
        raise UnusableError(
            "ingest.no-column",
            slug="file-unmapped",
            hint=_no_header(names)
            or columns.suggest(missing, names, taken=found.used, likely={"account_id": likely[:1]}),
            path=name,
            name=name,
            fields=missing,
            columns=names[:15],
        )


def _no_header(names: list[str]) -> Message:
    """Describe how columns are named by place where what should be names looks like a row."""
    times = [place for place, is_one in enumerate(are_times(names), start=1) if is_one]
    if not times:
        return NOTHING
    other = next(place for place in (2, 1, 3) if place != times[0])
    return Message("ingest.hint-by-place", maps=f"--map account_id={other} --map created_at={times[0]}")
