"""How a result came about: ``run.json``, and the part of it that is the same on every run."""

from __future__ import annotations

import contextlib
import hashlib
import platform
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from dideban.atomic import write_bytes
from dideban.config import Config
from dideban.errors import InputError
from dideban.messages import Message, cause_of, describe
from dideban.store.manifest import OPTIONS, library_versions

RUN_SCHEMA = "dideban.run/1"


class Provenance:
    """Collects facts of one run: inputs, counts, seconds per stage.

    Parameters
    ----------
    config : Config
        Settings of the run; its seed is the seed.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.inputs: list[dict[str, Any]] = []
        self.counts: dict[str, int] = {}
        self.notes: list[Message] = []
        self.seconds: dict[str, float] = {}
        self._start = time.monotonic()

    def add_inputs(self, paths: Iterable[Path]) -> None:
        """Hash input files; names are kept without their folders, in order of name and hash.

        Raises
        ------
        InputError
            A file cannot be read.
        """
        self.inputs += [_input(path) for path in paths]
        self.inputs.sort(key=lambda entry: (entry["name"], entry["sha256"]))

    def count(self, **counts: int) -> None:
        """Record counts, e.g. ``posts=1000``."""
        self.counts.update(counts)

    def note(self, *notes: Message) -> None:
        """Record what a reader should know."""
        self.notes = list(dict.fromkeys([*self.notes, *notes]))

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage; a name used twice adds up."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - start

    def stable(self) -> dict[str, Any]:
        """Return what is the same on every run of the same input: the ``run`` of ``findings.json``."""
        settings = self.config.to_dict()
        settings.pop("threads")
        return {
            "versions": library_versions(),
            "config": settings,
            "config_digest": self.config.digest(),
            "seed": self.config.seed,
            "method": self.config.method,
            "fdr": self.config.fdr,
            "keep_ids": self.config.ingest.keep_ids,
            "inputs": self.inputs,
            "counts": dict(sorted(self.counts.items())),
            "notes": [describe(note) for note in self.notes],
        }

    def to_dict(self) -> dict[str, Any]:
        """Return everything, times and memory included."""
        return {
            "schema": RUN_SCHEMA,
            **self.stable(),
            "threads": self.config.threads,
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "seconds": {name: round(s, 3) for name, s in self.seconds.items()},
            "seconds_total": round(time.monotonic() - self._start, 3),
            "peak_memory_bytes": peak_memory(),
        }

    def write(self, path: Path) -> Path:
        """Write ``run.json``.

        Raises
        ------
        StoreError
            The file cannot be written.
        """
        write_bytes(path, orjson.dumps(self.to_dict(), option=OPTIONS), survives="kill")
        return path


def peak_memory() -> int | None:
    """Return the most memory this process ever held, bytes; None where the system does not say."""
    try:
        import resource
    except ModuleNotFoundError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _input(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"name": path.name, "bytes": path.stat().st_size, "sha256": digest}
    except OSError as error:
        raise InputError("file.not-read", path=str(path), reason=cause_of(error)) from error
