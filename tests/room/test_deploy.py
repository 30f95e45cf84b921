"""Example files for operators: they parse, and name only what this version has."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.test import override_settings

from dideban.cli.room import command
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.upkeep.health import metrics

HOME = Path(__file__).parents[2]
DEPLOY = HOME / "deploy"
if not DEPLOY.is_dir():
    pytest.skip("the files lie beside the sources", allow_module_level=True)


def text(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


def test_every_metric_that_is_watched_exists(room: Room) -> None:
    add_source(room, kind="intake", name="Wire", by=None)
    known = set(re.findall(r"^(dideban_\w+)", metrics(), re.MULTILINE))
    for name in ("alerts.yaml", "grafana.json"):
        asked = set(re.findall(r"dideban_\w+", text(name)))
        assert asked
        assert asked <= known, (name, asked - known)


def test_every_setting_that_is_named_exists() -> None:
    settings = "".join(path.read_text("utf-8") for path in (HOME / "src/dideban/room").rglob("*.py"))
    for path in DEPLOY.iterdir():
        for name in set(re.findall(r"\b(DIDEBAN_ROOM_[A-Z_]+|DATABASE_URL)", path.read_text("utf-8"))):
            assert name.removesuffix("_FILE") in settings, (path.name, name)


def test_every_command_that_is_run_exists() -> None:
    for path in DEPLOY.iterdir():
        for name in re.findall(r"(?:bin/)?dideban\"? room ([a-z]+)", path.read_text("utf-8")):
            assert name in command.commands, (path.name, name)


@pytest.mark.parametrize("name", sorted(path.name for path in DEPLOY.glob("dideban-*")))
def test_units_are_read(name: str) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(text(name))
    assert {"Unit"} < set(unit.sections())
    if name == "dideban-room.service":
        assert unit["Service"]["NoNewPrivileges"] == "yes"
        assert unit["Service"]["ProtectSystem"] == "strict"
    if name == "dideban-comments.service":  # comments never share a user with the room, or see its folder
        room = configparser.ConfigParser(strict=False, interpolation=None)
        room.read_string(text("dideban-room.service"))
        assert unit["Service"]["User"] != room["Service"]["User"]
        assert unit["Service"]["InaccessiblePaths"] == room["Service"]["ReadWritePaths"]


def test_the_dashboard_is_one() -> None:
    board = json.loads(text("grafana.json"))
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"]) > 8
    assert all(panel["targets"][0]["expr"] for panel in board["panels"])


def test_the_image_runs_as_nobody() -> None:
    lines = text("Containerfile").splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001"]
    assert "HEALTHCHECK" in text("Containerfile")
    assert "read_only: true" in text("compose.yaml")


def test_braces_of_web_servers_are_whole() -> None:
    for name in ("nginx.conf", "Caddyfile"):
        assert text(name).count("{") == text(name).count("}")


@pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed")
def test_caddy_takes_its_file() -> None:
    given = [str(shutil.which("caddy")), "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    done = subprocess.run(given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.skipif(not (shutil.which("nginx") and shutil.which("openssl")), reason="nginx is not installed")
def test_nginx_takes_its_file(tmp_path: Path) -> None:
    site = re.sub(r"/etc/letsencrypt/live/[^/]+", str(tmp_path), text("nginx.conf"))
    names = ["-subj", "/CN=x", "-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run(made, check=True, capture_output=True)
    (tmp_path / "site.conf").write_text(site, "utf-8")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}} http {{ include {tmp_path}/site.conf; }}", "utf-8"
    )
    done = subprocess.run(
        ["nginx", "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_backup_script_keeps_what_is_young(tmp_path: Path) -> None:
    import os

    program = tmp_path / "dideban"
    program.write_text('#!/bin/sh\necho made > "$3"\n', "utf-8")
    program.chmod(0o755)
    home = tmp_path / "backups"
    home.mkdir()
    for name, days in (("room-old.tar.gz", 30), ("room-young.tar.gz", 3), ("notes.txt", 90)):
        (home / name).write_text("x", "utf-8")
        at = (home / name).stat().st_mtime - days * 86_400
        os.utime(home / name, (at, at))
    environment = {**os.environ, "BACKUPS": str(home), "DIDEBAN": str(program)}
    subprocess.run(["sh", str(DEPLOY / "backup-room")], env=environment, check=True)
    names = sorted(path.name for path in home.iterdir())
    assert "room-old.tar.gz" not in names
    assert {"room-young.tar.gz", "notes.txt"} < set(names)
    assert len(names) == 3


@override_settings(METRICS_TOKEN="x")
def test_documents_name_the_files() -> None:
    page = (HOME / "docs/running-a-room.md").read_text("utf-8")
    listed = text("README.md")
    for path in DEPLOY.iterdir():
        if path.name != "README.md":
            assert path.name in listed, path.name
    assert "deploy/" in page


def test_a_move_sees_every_difference(tmp_path: Path) -> None:
    from dideban.room.upkeep.move import differences

    rows = [
        {"model": "rooms.room", "pk": 1, "fields": {"name": "Watch", "engine": {"a": 1, "b": [2, 1]}}},
        {"model": "alerts.rule", "pk": 1, "fields": {"name": "x", "places": [2, 1]}},
    ]
    other = [
        {"model": "alerts.rule", "pk": 1, "fields": {"places": [1, 2], "name": "x"}},
        {"model": "rooms.room", "pk": 1, "fields": {"engine": {"b": [2, 1], "a": 1}, "name": "Watch"}},
    ]

    def written(name: str, found: list[dict[str, object]]) -> Path:
        (tmp_path / name).write_text("\n".join(json.dumps(row) for row in found), "utf-8")
        return tmp_path / name

    first = written("first", rows)
    assert differences(first, written("same", other)) == []
    assert differences(first, written("fewer", rows[:1])) == ["alerts.rule"]
    changed = [{**rows[0], "fields": {"name": "Watch", "engine": {"a": 1, "b": [1, 2]}}}, rows[1]]
    assert differences(first, written("changed", changed)) == ["rooms.room"]
