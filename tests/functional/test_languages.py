"""Commands in Persian and Arabic: no English is left in what they say, whatever goes wrong."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dideban.cli import COMMANDS, cli
from dideban.cli.console import ConsoleProgress, run_guarded
from dideban.cli.help import Option
from dideban.messages import has_text
from dideban.messages.catalogues import catalogue
from dideban.schema import POSTS

LANGUAGES = ("fa", "ar")
CALLS = (
    ["--nope"], ["nothing"], ["scan"], ["scan", "--nope"], ["scan", "--out"], ["scan", "x", "--quiet=3", "--out", "y"],
    ["scan", "x", "--out", "y", "--fdr", "abc"], ["scan", "x", "--out", "y", "--method", "zz"],
    ["scan", "x", "--out", "y", "--seed", "1.5"], ["scan", "x", "--out", "y", "--map", "zz"],
    ["scan", "x", "--out", "y", "--set", "zz"], ["verify", "a", "b"], ["verify", "a", "--key", "/"], ["follow", "--jsn"],
    ["explain", "a", "--lang", "zz"], ["room", "--port", "99999999"], ["room", "--port", "zz"], ["room", "nothing"],
    ["room", "restore", "/no-such-place"], ["copying", "x", "--out", "y", "--least-share", "7"],
    ["coshare", "t", "--out", "x.doc"], ["simulate", "x.parquet", "--adversary", "zz"],
    ["simulate", "x.parquet", "--plant", "1x1x1", "--frame", "1x1:busy"], ["explain", "/no-such-place"],
    ["scan", "/no-such-place", "--out", "/tmp/no-such-out"], ["config", "--set", "fdr=zz"], ["config", "--set", "fd=1"],
)  # fmt: skip
"""Calls that go wrong."""
TABLE = "کاربر;زمان;متن;پیوند\n" + "".join(
    f"ک{i};2024-03-0{i}T10:00:00;سلام {i};https://a.example/{i}\n" for i in (1, 2, 3)
)
NAMES = re.compile(
    r"""\u2066[^\u2069]*\u2069 | \u2068[^\u2069]*\u2069      # foreign text, isolated
      | '[^']*' | «[^»]*»                                     # what the person wrote
      | --?[a-z][a-z-]* | [A-Z][A-Z_-]*(?=[=\]. ]|$) | \[[A-Z]+\](?:\.\.\.)?
      | \S*[/\\.][\S]* | \b\w+_\w+\b | \b\w+=\S*              # paths, files, columns, settings
    """,
    re.VERBOSE | re.MULTILINE,
)
KNOWN = {"dideban", "Ctrl", "CSV", "UTC", "HTTP", "HTTPS", "csv", "utf", "zip", "restore"} | set(COMMANDS)
KNOWN |= {"SQLite", "Spark", "Connect"}  # names of products


def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lang: str, *call: object
) -> tuple[int, str]:
    monkeypatch.setenv("DIDEBAN_LANG", lang)
    for path in HELPS:  # click keeps the words of an earlier test
        monkeypatch.setattr(_command_at(path), "_help_option", None, raising=False)
    monkeypatch.setattr(sys, "argv", ["dideban", *map(str, call)])
    code = run_guarded(cli)
    caught = capsys.readouterr()
    return code, caught.err + caught.out


def english_in(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z]{2,}", NAMES.sub(" ", text))) - KNOWN


def test_english_would_be_found() -> None:
    assert english_in("خطا: no such option '--nope'") == {"no", "such", "option"}
    assert english_in("کاربرد: dideban scan [OPTIONS] POSTS...\nخطا: گزینهٔ '--nope' وجود ندارد.") == set()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_a_wrong_call_is_said_in_the_language_and_ends_as_in_english(
    call: list[str], lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(monkeypatch, capsys, lang, *call)
    english_code, english = said(monkeypatch, capsys, "en", *call)
    assert code == english_code != 0
    assert english_in(text) == set(), text
    assert english_in(english) != set()


def _walk(command: click.Command, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _walk(below, *path, name)


HELPS = tuple(_walk(cli))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", HELPS, ids=lambda path: " ".join(("dideban", *path)))
def test_the_help_of_every_command_is_in_the_language(
    path: tuple[str, ...], lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(monkeypatch, capsys, lang, *path, "--help")
    assert code == 0
    assert english_in(_without_choices(text)) == set(), text
    assert english_in(said(monkeypatch, capsys, "en", *path, "--help")[1]) != set()


def _without_choices(text: str) -> str:
    """Take out what is typed as it stands: choices, settings, names of files, of formats and of commands."""
    joined = " ".join(text.split())
    typed = r"\[[a-z0-9+]+(?:\|[a-z0-9+]+)+\]|[a-z]+\+[a-z]+|\S+=\S+|[\w-]*\.[a-z]+|\u200e\w+\u200e|'[^']*'"
    return re.sub(rf"{typed}|\b(?:{'|'.join(TYPED)})\b", " ", joined, flags=re.ASCII)


TYPED = (
    "ARGS", "OPTIONS", "COMMAND", "OUT", "POSTS", "AxOxJ", "AxI", "NxR", "csv", "JSON", "TOML", "CSV", "Parquet", "Gephi",
    "CooRTweet", "QUT", "Source", "Target", "Weight", "Type", "weight", "threshold", "watch", "Watch", "Dideban", "ISO",
    "Tesseract",
    *{name for path in HELPS for name in path},
)  # fmt: skip


def _command_at(path: tuple[str, ...]) -> click.Command:
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    return command


def test_every_text_of_the_help_belongs_to_a_command_or_an_option() -> None:
    used = {f"help.metavar.{name}" for name in ("integer", "integer-range", "float", "float-range", "text", "path")}
    for path in HELPS:
        home = ".".join(path) or "dideban"
        used.add(f"help.{home}.about")
        names = [str(one.name).replace("_", "-") for one in _command_at(path).params if isinstance(one, Option)]
        own = {name: f"help.{home}.{name}" for name in names}
        used |= {code if has_text(code) else f"help.option.{name}" for name, code in own.items()}
    assert used == {code for code in catalogue("en").texts if code.startswith("help.")}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_commands_say_of_their_work_is_in_the_language(
    lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text(TABLE + "x;1412/05/01;y;\n", "utf-8")
    for call in (
        ["sample", "s/posts.csv", "--posts", "3000"], ["simulate", "s/one.parquet", "--accounts", "300", "--shares", "2000",
        "--plant", "4x6x40", "--adversary", "delay"], ["config"], ["config", "--set", "fdr=0.1"], ["inspect", "t.csv"],
        ["coshare", "s/one.parquet", "--out", "edges.csv"],
    ):  # fmt: skip
        (tmp_path / "s").mkdir(exist_ok=True)
        code, text = said(monkeypatch, capsys, lang, *call)
        lines = [line.partition("#")[2] if call[0] == "config" else line for line in text.splitlines()]
        kept = "\n".join(line for line in lines if not line.startswith("    "))  # rows of the file
        assert code == 0, text
        assert english_in(kept) - {"delay", "plant", "campaign", "set"} - set(POSTS.names) == set(), text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_headings_of_help_and_the_list_of_commands_are_in_the_language(
    lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(monkeypatch, capsys, lang, "--help")
    listed = text[text.rindex(":\n") :] if ":\n" in text else text
    assert code == 0
    assert all(f"\n  {name}" in listed or f"  {name} " in text for name in COMMANDS)
    for english in ("Usage", "Options", "Commands", "Show this"):
        assert english not in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_progress_is_in_the_language(
    lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIDEBAN_LANG", lang)
    now = [0.0]
    with ConsoleProgress(clock=lambda: now[0]).stage("linking-accounts", total=9, unit="close-pairs") as task:
        now[0] = 12.0
        task.advance(5, rejects=2)
        now[0] = 24.0
        task.advance(4)
    text = capsys.readouterr().err
    assert len(text.splitlines()) == 2
    assert english_in(text) == set(), text
