"""``dideban federation`` and ``dideban keyholder`` as a person runs them."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from functional.program import dideban


@pytest.mark.slow
def test_the_demo_shows_what_no_room_finds_alone(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    result = dideban("federation", "--demo", "--out", str(out))
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("finds by itself: 0") == 3
    assert "Named and innocent: 0." in result.stdout
    claims = orjson.loads((out / "claims.json").read_bytes())
    assert len(claims) == 1
    assert len(claims[0]["named"]) >= 3
    assert not list(out.glob("*/*.key"))
    (out / "mine.txt").write_text("mine", "utf-8")
    assert dideban("federation", "--demo", "--out", str(out)).returncode != 0
    assert (out / "mine.txt").exists()


def test_a_key_holder_makes_and_deletes_its_key(tmp_path: Path) -> None:
    folder = str(tmp_path / "keys")
    made = dideban("keyholder", "begin", "test", "1", "--folder", folder)
    assert made.returncode == 0, made.stderr
    assert len(bytes.fromhex(made.stdout.strip())) == 32
    assert dideban("keyholder", "begin", "test", "1", "--folder", folder).stdout == made.stdout
    assert dideban("keyholder", "end", "test", "1", "--folder", folder).returncode == 0
    assert dideban("keyholder", "end", "test", "1", "--folder", folder).returncode == 10
    assert list(Path(folder).iterdir()) == []
