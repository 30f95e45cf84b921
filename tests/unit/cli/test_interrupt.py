"""Ctrl-C ends a command as an interrupt, whatever a compiled library makes of it."""

from __future__ import annotations

import os
import signal

import click
import pytest

from dideban.cli.console import run_guarded
from dideban.errors import StoreError


class Panic(BaseException):
    """Stands for what compiled libraries raise when an interrupt reaches them."""


def command_that(act) -> click.Command:
    return click.Command("dideban", callback=act, params=[])


def interrupted(then: BaseException | None):
    def act() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(10**8):
                pass
        except KeyboardInterrupt:
            os.write(2, b"a panic printed at length")
            if then is not None:
                raise then from None
            raise

    return act


@pytest.fixture(autouse=True)
def _no_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["dideban"])


@pytest.mark.skipif(os.name == "nt", reason="signals to oneself are a matter of POSIX")
@pytest.mark.parametrize("then", [None, Panic("called unwrap"), StoreError("half a file"), OSError("gone")])
def test_whatever_becomes_of_the_interrupt_it_counts_as_one(
    then: BaseException | None, capfd: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGINT)
    assert run_guarded(command_that(interrupted(then))) == 130
    err = capfd.readouterr().err
    assert err.splitlines()[-1] == "stopped: nothing half-written was left behind"
    assert "a panic" not in err
    assert signal.getsignal(signal.SIGINT) is before


def test_a_panic_without_an_interrupt_is_a_bug_and_is_shown() -> None:
    def act() -> None:
        raise Panic("ours")

    with pytest.raises(Panic):
        run_guarded(command_that(act))


def test_an_error_of_ours_keeps_its_code(capfd: pytest.CaptureFixture[str]) -> None:
    def act() -> None:
        raise StoreError("no room")

    assert run_guarded(command_that(act)) == 13
    assert capfd.readouterr().err == "error: no room\n"
