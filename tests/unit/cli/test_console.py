"""Progress for people: what a stage prints where stderr is no terminal, and on one."""

from __future__ import annotations

import pytest

from dideban.cli.console import ConsoleProgress, printable


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_stage_of_one_long_step_is_printed_once(clock, capsys):
    with ConsoleProgress(clock=clock).stage("reading", total=5) as task:
        clock.now += 11
        task.advance(5)
    assert capsys.readouterr().err.count("reading") == 1


def test_a_stage_that_goes_on_is_printed_again_in_the_end(clock, capsys):
    with ConsoleProgress(clock=clock).stage("reading", total=9) as task:
        clock.now += 11
        task.advance(5)
        clock.now += 3
        task.advance(4)
    first, last = capsys.readouterr().err.splitlines()
    assert "5/9" in first
    assert "9/9" in last
    assert "14 s" in last


def test_what_follows_a_long_step_is_not_left_out(clock, capsys):
    with ConsoleProgress(clock=clock).stage("reading", total=5) as task:
        clock.now += 11
        task.advance(5)
        clock.now += 30
    assert "41 s" in capsys.readouterr().err.splitlines()[-1]


def test_short_and_quiet_stages_say_nothing(clock, capsys):
    with ConsoleProgress(clock=clock).stage("reading") as task:
        clock.now += 0.9
        task.advance(5)
    with ConsoleProgress(quiet=True, clock=clock).stage("reading") as task:
        clock.now += 90
        task.advance(5)
    assert capsys.readouterr().err == ""


def test_on_a_terminal_the_line_is_redrawn_and_stands_in_the_end(clock, capsys):
    progress = ConsoleProgress(clock=clock)
    progress.live = True
    with progress.stage("reading", total=5) as task:
        clock.now += 11
        task.advance(5, rejects=2)
    said = capsys.readouterr().err
    assert said.count("\r") == 1
    assert said.endswith("\n")
    assert "2 rejected" in said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("گروه \u2068ge79\u2069", "گروه \u2068ge79\u2069"),
        ("\u2068a\u2066b\u2069\u2069\nc", "\u2068a\u2066b\u2069\u2069\nc"),
        ("open \u2068for ever\nnext", "open \ufffdfor ever\nnext"),
        ("\u2069shut", "\ufffdshut"),
        ("\u202eturned \u2067round\u2069", "\ufffdturned \ufffdround\ufffd"),
        ("bell\x07 tab\t", "bell\ufffd tab\t"),
    ],
)
def test_only_isolates_that_are_closed_in_their_line_reach_the_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown
