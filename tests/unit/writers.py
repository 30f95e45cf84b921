"""Every writer of the engine: ``python writers.py ROOT NAME ...`` kills them one after the other; see test_writers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from dideban import atomic
from dideban.config import Config, IngestConfig
from dideban.exchange import write_csv, write_gexf, write_graphml, write_xlsx
from dideban.ingest import load_key, read_posts
from dideban.messages import Message
from dideban.pipelines.coshare import write_edges
from dideban.pipelines.scan import scan
from dideban.schema import EDGES, GROUPS, POSTS
from dideban.simulate import make_stream, write_sample
from dideban.simulate.files import write_stream
from dideban.store import Provenance, write_findings
from unit.killed import main

KEY = b"k" * 32
ROWS = "account_id;created_at;text\n" + "".join(f"a{i};2024-03-01T10:00:{i:02d};words number {i}\n" for i in range(40))


def _posts(home: Path, n: int) -> Path:
    path = home.parent / f"{home.name}-{n}.csv"
    if not path.exists():
        path.write_text("".join(ROWS.splitlines(keepends=True)[: 20 * n + 1]), "utf-8")
    return path


def _record(home: Path, n: int) -> None:
    record = Provenance(Config())
    record.note(Message("note.blocks-crowded", n=n))
    record.write(home / "run.json")


def _read(home: Path, n: int) -> None:
    both = [_posts(home, one) for one in (1, 2)]  # written before the disk is full
    read_posts([both[n - 1]], out=home, key=KEY, config=IngestConfig())


def _scan(home: Path, n: int) -> None:
    both = [_posts(home, one) for one in (1, 2)]
    scan([both[n - 1]], out=home / "out", key=KEY, config=Config())


def _stream(home: Path, n: int) -> None:
    write_stream(home / "s.parquet", make_stream(seed=n, n_accounts=60, n_shares=200, days=2.0, plants=[]))


WRITERS: dict[str, Any] = {
    "file": lambda home, n: atomic.write_bytes(home / "f", b"x" * 100 * n, survives="power"),
    "folder": lambda home, n: atomic.write_folder(home / "d", {"a": b"x" * 100 * n, "b": b"y"}, survives="kill"),
    "workbook": lambda home, n: write_xlsx(
        home / "f.xlsx", [], edges=EDGES.empty(), groups=GROUPS.empty(), posts=POSTS.empty(), lang=("en", "fa")[n % 2]
    ),
    "csv": lambda home, n: write_csv(home / "f.csv", pl.DataFrame({"text": ["words"] * 20 * n})),
    "gexf": lambda home, n: write_gexf(home / "f.gexf", EDGES.empty(), groups=GROUPS.empty()),
    "graphml": lambda home, n: write_graphml(home / "f.graphml", EDGES.empty(), groups=GROUPS.empty()),
    "edges": lambda home, n: write_edges(EDGES.empty(), home / "edges.parquet", directed=False),
    "findings": lambda home, n: write_findings(home / "findings.json", [], run={"seed": n, "text": "words" * 20}),
    "record": _record,
    "intake": _read,
    "scan": _scan,
    "sample": lambda home, n: write_sample(home / "s.csv", seed=n, n_posts=50),
    "stream": _stream,
    "key": lambda home, n: load_key(home / "key"),
}
TIMED = {"record": "run.json", "scan": "run.json"}
"""Files that hold the time of their writing."""
STEPS = dict.fromkeys(("folder", "scan", "sample", "stream", "intake"), 2)
"""These rename more than once."""
CREATE = {"key"}
"""This writes once and never again."""


if __name__ == "__main__":
    main(WRITERS, steps=STEPS, create=CREATE)
