"""Files of posts to the POSTS table: the entry of intake."""

from __future__ import annotations

import csv
import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from dideban.atomic import publish, scratch_folder
from dideban.config import IngestConfig
from dideban.errors import InputError, StoreError
from dideban.ingest import merge
from dideban.ingest import notes as said
from dideban.ingest.columns import check_targets
from dideban.ingest.convert import SEQ, Converter, Learned, ReadAgainError
from dideban.ingest.decompress import BombError
from dideban.ingest.detect import open_file
from dideban.ingest.files import NamedFile, digest, expand
from dideban.ingest.identity import repeats
from dideban.ingest.model import NO_ROWS, ROW, Block, InputFile, Intake, UnusableError, reject_frame
from dideban.ingest.source_part import Choices, Opened
from dideban.ingest.subprocess_reader import Reader
from dideban.ingest.times import check_zone
from dideban.messages import cause_of
from dideban.messages.message import Message
from dideban.progress import SILENT, Progress, Stage
from dideban.schema import REJECTS

BATCH_BYTES = 256 * 1024 * 1024
MAX_CONFLICTS = 0.01
"""Share of rows with the id of another post above which a file is refused: its ids are not ids."""
FEW_CONFLICTS = 20
"""So many are set aside one by one."""
Signature = tuple[str, str, tuple[str, ...]]
READS = 4
"""A chunk is read in so many pieces: the next is read while one is converted."""


def read_posts(
    paths: Sequence[Path],
    *,
    out: Path,
    key: bytes,
    config: IngestConfig,
    mapping: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> Intake:
    """Read files of posts into ``out/posts.parquet`` and ``out/rejects.csv``.

    Parameters
    ----------
    paths : paths
        Files and folders; recognised by content.
    out : path
        Folder of the results; made if missing.
    key : bytes
        Key of the pseudonyms.
    config : IngestConfig
        Settings of intake.
    mapping : mapping
        Column of POSTS to column of the files; overrides every guess.
    progress : Progress
        Reports rows read and rejected.

    Returns
    -------
    Intake
        ``n_rows == n_posts + n_duplicates + n_rejects``. POSTS are sorted by created_at, platform, post_id.

    Raises
    ------
    InputError
        Nothing usable among all inputs, or a larger share of rejects than ``config.max_reject_share``.
    ConfigError
        ``mapping`` names an unknown column.
    StoreError
        ``out`` cannot be written; nothing half-written is left.

    Notes
    -----
    The result does not depend on the order of rows and files, but for rows of the same (platform, post_id): the
    first arrival stands, later ones update ``reach`` only. Memory is bounded by ``config.chunk_rows``.
    """
    check_targets(mapping or {})
    check_zone(config.time_zone)
    files = expand(paths)
    with _writing(out), scratch_folder(out, name="intake") as scratch, Reader(scratch) as reader:
        choices = Choices(config, reader, mapping or {})
        run, found = _read_all(files, choices=choices, key=key, scratch=scratch, progress=progress)
        run.judge()
        with progress.stage("sorting-posts", total=run.parts.n_rows) as task:
            n_posts, resolution = merge.write_sorted(
                run.parts, scratch / "posts.parquet", found=found, time_zone=config.time_zone
            )
            task.advance(run.parts.n_rows)
        results = {scratch / name: out / name for name in ("posts.parquet", "rejects.csv")}
        publish(results, survives="kill")
    return Intake(
        posts_path=out / "posts.parquet",
        n_posts=n_posts,
        n_rows=run.n_rows,
        n_rejects=run.n_rejects,
        n_duplicates=found.n_duplicates,
        reject_reasons=dict(run.reasons.most_common()),
        rejects_path=out / "rejects.csv",
        files=run.files,
        time_resolution_s=resolution,
        passed=dict(run.passed.most_common()),
    )


class _StartAgainError(Exception):
    """A later file shows how an earlier one is to be read."""


def _read_all(
    files: list[NamedFile], *, choices: Choices, key: bytes, scratch: Path, progress: Progress
) -> tuple[_Run, merge.Repeats]:
    """Read all files; from the beginning again where one shows that the ids of others like it count within a chat."""
    homes: dict[Signature, str] = {}
    while True:
        run = _Run(choices, key, merge.ConvertedParts(scratch, chunk_rows=choices.config.chunk_rows), homes)
        try:
            with run.rejects_to(scratch / "rejects.csv"), progress.stage("reading-posts") as task:
                for item in files:
                    run.read(item, task)
                return run, run.find_repeats()
        except _StartAgainError:
            run.parts.undo((0, 0))


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    """Turn trouble with our own disk into StoreError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise StoreError("file.not-written", hint="ingest.hint-out", path=str(out), reason=cause_of(error)) from error


@dataclass
class _Run:
    choices: Choices
    key: bytes
    parts: merge.ConvertedParts
    homes: dict[Signature, str] = field(default_factory=dict)
    """Files that look alike have ids that count within the same: what was learned of one is known of all."""
    bare: set[Signature] = field(default_factory=set)
    """Files whose short ids were read as they are."""
    files: list[InputFile] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    problems: list[InputError] = field(default_factory=list)
    n_rows: int = 0
    n_rejects: int = 0
    seq: int = 0
    passed: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def rejects_to(self, path: Path) -> Iterator[None]:
        """Open REJECTS as CSV for the run."""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            self._file, self._writer = file, csv.writer(file)
            self._writer.writerow(REJECTS.names)
            yield

    def read(self, item: NamedFile, task: Stage) -> None:
        """Read one file; trouble with the whole of it is one reject with row 0."""
        before = self.n_rows
        try:
            sha256, n_bytes = digest(item.path)
        except OSError as error:
            self._refuse(item.name, InputError("ingest.not-read", name=item.name, reason=cause_of(error)))
            self.files.append(InputFile(item.name, "", 0, self.n_rows - before, "unusable", {}, []))
            return
        shapes: dict[str, None] = {}
        mapping: dict[str, str] = {}
        notes: dict[Message, None] = {}
        before_passed = Counter(self.passed)
        for opened in open_file(item.path, item.name, self.choices):
            try:
                if isinstance(opened, InputError):
                    raise opened
                shapes.setdefault(opened.shape.name)
                mapping = mapping or opened.mapping
                notes.update(dict.fromkeys(self._read_part(opened, task)))
            except InputError as error:
                self._refuse(getattr(opened, "name", item.name), error)
                notes.setdefault(error.message)
        shape = ", ".join(shapes) or "unusable"
        passed = dict((self.passed - before_passed).most_common())
        n_rows = self.n_rows - before
        self.files.append(InputFile(item.name, sha256, n_bytes, n_rows, shape, mapping, list(notes), passed))

    def _read_part(self, opened: Opened, task: Stage, learned: Learned | None = None) -> list[Message]:
        learned = learned or Learned(home=self.homes.get(signature(opened), ""))
        mark = self.parts.begin_file()
        converter = Converter(opened.name, opened.chosen, self.choices.config, self.key, learned)
        passed: Counter[str] = Counter()
        told: Counter[str] = Counter()
        before = self.n_rows, self.n_rejects, Counter(self.reasons), self.seq
        place = self._file.tell()
        try:
            least = -(-self.choices.config.chunk_rows // READS)
            for block in _ahead(_gathered(opened.blocks(), least)):
                rejects = self._take(block, converter, opened.name)
                passed.update(block.passed)
                told.update(block.said)
                task.advance(block.n_rows, rejects=rejects)
            converter.finish()
            self._check_ids(opened, converter, mark)
        except (InputError, ReadAgainError) as error:
            self.parts.undo(mark)
            self.n_rows, self.n_rejects, self.reasons, self.seq = before
            self._file.seek(place)
            self._file.truncate()
            if isinstance(error, InputError):
                raise
            again = self._learn(opened, converter, error.learned)
            if not again.home:
                self.homes.pop(signature(opened), None)
            if again.home and again.home != learned.home:
                self.homes[signature(opened)] = again.home
                if signature(opened) in self.bare:
                    raise _StartAgainError from error
            return self._read_part(opened, task, again)
        if converter.has_short_ids and not learned.home:
            self.bare.add(signature(opened))
        self.passed.update(passed)
        if self.n_rows == before[0] and not passed:
            converter.note(NO_ROWS)
        for line in counted(passed, told, converter.n_damaged):
            converter.note(line)
        return [*opened.notes, *opened.shape.notes, *converter.notes]

    def _check_ids(self, opened: Opened, converter: Converter, mark: tuple[int, int]) -> None:
        """Ids that count within a chat are the same in several: say so before they make one post of two.

        Raises
        ------
        ReadAgainError
            Another column may say which chat a post is of.
        UnusableError
            No column does.
        """
        n = self.parts.n_rows - mark[1]
        if n < 2 or not (converter.has_short_ids or converter.learned.home):
            return
        rows = self.parts.since(mark).select(*merge.KEYS, "account_id", "created_at", "text", order=SEQ)
        n_conflicts = check_ids(rows, opened, converter.learned)
        if n_conflicts > max(FEW_CONFLICTS, MAX_CONFLICTS * n):
            raise UnusableError(
                said.ids_repeat(opened.name, n_conflicts, n), slug="file-ids", hint=said.QUALIFY, path=opened.name
            )

    @staticmethod
    def _learn(opened: Opened, converter: Converter, learned: Learned) -> Learned:
        """Collect what the next reading needs to know beforehand."""
        if learned.aliases is None or learned.aliases or converter.learned.aliases is not None:
            return learned
        pairs = pl.concat([converter.account_pairs(block.frame) for block in opened.blocks()]).unique()
        single = pairs.filter(pl.len().over("name") == 1)
        return dataclasses.replace(learned, aliases=dict(single.iter_rows()))

    def find_repeats(self) -> merge.Repeats:
        """Find what was met before; what says something else under the same id is set aside."""
        found = merge.find_repeats(self.parts)
        for (name,), rows in found.conflicts.sort("source", ROW).group_by("source", maintain_order=True):
            self._write(reject_frame(str(name), ((row, "", "id-conflict", key) for _, row, key in rows.iter_rows())))
        return found

    def _take(self, block: Block, converter: Converter, name: str) -> int:
        posts, rejects = converter.convert(block.frame)
        self.parts.add(
            posts.sort(ROW).with_columns(pl.int_range(self.seq, self.seq + posts.height, dtype=pl.Int64).alias(SEQ))
        )
        self.seq += posts.height
        self.n_rows += block.n_rows
        frame = pl.concat([reject_frame(name, block.rejects), rejects]).sort("row", maintain_order=True)
        self._write(frame)
        return frame.height

    def _refuse(self, name: str, error: InputError) -> None:
        slug = "file-bomb" if isinstance(error, BombError) else getattr(error, "slug", "file-unreadable")
        self.problems.append(error)
        self.n_rows += 1
        self._write(reject_frame(name, [(0, "", slug, str(error))]))

    def _write(self, rejects: pl.DataFrame) -> None:
        self.n_rejects += rejects.height
        for row in rejects.iter_rows():
            self.reasons[row[3]] += 1
            self._writer.writerow([safe(cell) for cell in row])

    def judge(self) -> None:
        """Stop where nothing, or too little, could be used."""
        rows = self.n_rows - len(self.problems)
        if self.parts.n_rows == 0:
            if self.problems and rows == 0:
                first = self.problems[0]
                raise InputError(first.message, hint=first.hint, path=getattr(first, "path", ""))
            if not self.n_rows:
                raise InputError(self._nothing())
            raise InputError("ingest.no-usable-row", hint="ingest.hint-inspect", n=self.n_rows, top=self._top())
        share = (self.n_rejects - len(self.problems)) / max(rows, 1)
        if share > self.choices.config.max_reject_share:
            raise InputError(
                "ingest.mostly-rejected-rows",
                hint="ingest.hint-inspect-share",
                share=round(share, 2),
                n=rows,
                top=self._top(),
            )

    def _nothing(self) -> Message:
        if self.passed:
            return said.none_is_a_post(dict(self.passed))
        code = "ingest.only-headers" if len(self.files) > 1 else "ingest.only-header"
        return Message(code, name=self.files[0].name, problem=NO_ROWS, n=len(self.files) - 1)

    def _top(self) -> Message | str:
        top = [Message("ingest.top-reason", reason=reason, n=n) for reason, n in self.reasons.most_common(3)]
        return Message("ingest.top-reasons", reasons=top) if top else ""


def check_ids(rows: pl.LazyFrame, opened: Opened, learned: Learned) -> int:
    """Return how many rows have the id of another post; 0 where ids are ids.

    Raises
    ------
    ReadAgainError
        A column that may say which chat a post is of was not tried yet.
    """
    n_conflicts = repeats(rows, list(merge.KEYS)).filter(~pl.col("agrees")).height
    if not n_conflicts:
        return 0
    tried = (*learned.tried, learned.home) if learned.home else learned.tried
    left = [name for name in opened.chosen.homes if name not in tried]
    if left or learned.home:
        raise ReadAgainError(dataclasses.replace(learned, home=left[0] if left else "", tried=tried))
    return n_conflicts


def signature(opened: Opened) -> Signature:
    """Files of the same shape with the same columns look alike."""
    return opened.shape.name, opened.name if opened.shape.extract is not None else "", tuple(opened.columns)


def counted(passed: Counter[str], told: Counter[str], damaged: Counter[str]) -> list[Message]:
    """Describe what was counted while a file was read."""
    lines = [said.damaged(name, n) for name, n in sorted(damaged.items()) if n]
    lines += [said.COUNTED[code](n) for code, n in sorted(told.items())]
    return [*lines, said.no_posts(dict(passed))] if passed else lines


def _gathered(blocks: Iterator[Block], chunk_rows: int) -> Iterator[Block]:
    """Join small blocks up to ``chunk_rows`` rows: one conversion costs the same for few rows as for many."""
    held: list[Block] = []
    rows = size = 0
    for block in blocks:
        held.append(block)
        rows += block.n_rows
        size += int(block.frame.estimated_size())
        if rows >= chunk_rows or size >= BATCH_BYTES:
            yield _joined(held)
            held, rows, size = [], 0, 0
    if held:
        yield _joined(held)


def _ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """Read the next block in a thread while the present one is worked on."""
    with ThreadPoolExecutor(1) as aside:
        coming = aside.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = aside.submit(next, blocks, None)
            yield block


def _joined(blocks: list[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    return Block(
        pl.concat([block.frame for block in blocks], how="vertical_relaxed"),
        [reject for block in blocks for reject in block.rejects],
        sum((block.passed for block in blocks), Counter()),
        sum((block.said for block in blocks), Counter()),
    )


def safe(cell: object) -> object:
    """Keep a cell from being run as a formula by a spreadsheet, or from steering a terminal."""
    if not isinstance(cell, str) or not cell:
        return cell
    text = "".join(c if c.isprintable() or c in "\n\u200c\u200d" else "\ufffd" for c in cell)
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@", "|", "\t", "\r") else text
