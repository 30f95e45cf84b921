"""``findings.json``: every finding of a run in one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from dideban.atomic import write_bytes
from dideban.errors import ExchangeError
from dideban.findings import SCHEMA_NAME, Finding
from dideban.messages import cause_of
from dideban.store.bounds import parse_json
from dideban.store.manifest import OPTIONS
from dideban.store.read import build_finding

MAX_BYTES = 256 * 1024**2
MAX_VALUES = 20_000_000
"""Values of a whole ``findings.json``."""


def write_findings(path: Path, findings: Sequence[Finding], *, run: Mapping[str, Any]) -> Path:
    """Write ``findings.json``: the same findings and run give the same bytes.

    Parameters
    ----------
    path : path
        Replaced when complete.
    findings : sequence of Finding
        In the order to keep.
    run : mapping
        What is the same on every run, as from ``Provenance.stable``, and what the run says about itself.

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    document = {"schema": SCHEMA_NAME, "run": dict(run), "findings": [finding.to_dict() for finding in findings]}
    write_bytes(path, orjson.dumps(document, option=OPTIONS | orjson.OPT_NON_STR_KEYS), survives="kill")
    return path


def read_findings(path: Path) -> tuple[list[Finding], dict[str, Any]]:
    """Read ``findings.json`` (or the ``finding.json`` of a package): findings, and the record of the run.

    Raises
    ------
    ExchangeError
        Not such a document, or one of a later version.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ExchangeError("file.too-large", path=path, most=MAX_BYTES)
        document = parse_json(path.read_bytes(), name=str(path), max_values=MAX_VALUES)
        if not isinstance(document, dict) or document.get("schema") != SCHEMA_NAME:
            raise ExchangeError("package.not-schema", hint="hint.is-findings-json", name=path, schema=SCHEMA_NAME)
    except OSError as error:
        raise ExchangeError("file.not-read", path=path, reason=cause_of(error)) from error
    entries = [document["finding"]] if "finding" in document else document.get("findings")
    if not isinstance(entries, list):
        raise ExchangeError("package.no-list", name=path)
    findings = [build_finding(entry, name=f"{path}: entry {i}") for i, entry in enumerate(entries, 1)]
    return findings, document.get("run", {})
