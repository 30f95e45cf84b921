"""What an inspection tells."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from dideban.config import IngestConfig
from dideban.errors import ConfigError, InputError
from dideban.ingest import inspect_file

GOOD = "id,author,time,text\n1,ann,2024-05-01T12:00:00Z,one\n2,ben,soon,two\n"


def look(tmp_path: Path, content: bytes, **options):
    path = tmp_path / "in"
    path.write_bytes(content)
    return inspect_file(path, config=IngestConfig(), **options)


def test_rows_rejects_and_losses(tmp_path):
    (part,) = look(tmp_path, GOOD.encode()).parts
    assert (part.form, part.encoding, part.delimiter, part.shape) == ("csv", "utf-8", ",", "table")
    assert (part.n_sample, part.n_rejects) == (2, 1)
    assert part.rows[0]["text"] == "one"
    assert part.rejects[0]["reason"] == "time-unreadable"
    assert set(part.missing) >= {"urls", "platform"}


def test_only_the_beginning_is_read(tmp_path):
    rows = "".join(f"{i},ann,2024-05-01T12:00:00Z,text\n" for i in range(50_000))
    (part,) = look(tmp_path, ("id,author,time,text\n" + rows).encode()).parts
    assert part.n_sample == 1000
    assert [row["post_id"] for row in part.rows] == [str(i) for i in range(10)]


def test_every_member_of_an_archive_is_told(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", GOOD)
        archive.writestr("b.json", json.dumps([{"id": 1, "author": "a", "time": 1714564800}]))
        archive.writestr("c.bin", bytes(range(256)) * 10)
    found = look(tmp_path, buffer.getvalue())
    assert [(part.name, part.form) for part in found.parts] == [("in/a.csv", "csv"), ("in/b.json", "json")]
    assert len(found.problems) == 1
    assert "not text" in found.problems[0]
    assert json.loads(json.dumps(found.to_dict(), default=str))["n_bytes"] == found.n_bytes


def test_an_unusable_file_is_told_not_raised(tmp_path):
    found = look(tmp_path, b"")
    assert found.parts == []
    assert "empty" in found.problems[0]


def test_errors_of_the_person_are_raised(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        inspect_file(tmp_path / "nowhere", config=IngestConfig())
    with pytest.raises(ConfigError):
        look(tmp_path, GOOD.encode(), mapping={"account_id": "nobody"})
