"""``dideban comments``: keys for moderators, copies under hold."""

from __future__ import annotations

import json

import pytest

from functional.program import dideban
from unit.comments.desk import make_desk, send

pytest.importorskip("granian")
pytest.importorskip("cryptography")


def test_a_moderator_gets_a_key_and_a_hold_a_sealed_copy(tmp_path):
    desk, clock = make_desk(tmp_path)
    key = dideban("comments", "moderator", desk.store.folder, "mina").stdout.strip()
    assert desk.moderator(key) == "mina"
    number, secret = send(desk, clock, "A threat that a court asks for.")
    given = ("--reason", "district court", "--days", "3650", "--by", "mina")
    made = dideban("comments", "hold", desk.store.folder, number, *given)
    assert made.returncode == 0, made.stderr
    assert "move it off this machine" in made.stderr
    desk.delete(number, secret)
    private = desk.store.folder / "hold-private.pem"
    assert private.stat().st_mode & 0o077 == 0
    opened = dideban("comments", "unseal", desk.store.folder, private)
    assert json.loads(opened.stdout)["body"] == "A threat that a court asks for."
    assert dideban("comments", "hold", desk.store.folder, 99, *given).returncode == 10
    assert dideban("comments", "unseal", desk.store.folder, tmp_path / "none").returncode == 13
