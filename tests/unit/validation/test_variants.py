"""Variants of the method: set for the length of a measurement, put back after."""

from __future__ import annotations

from typing import Any

import pytest

from dideban.config import Config
from dideban.proof import propose
from dideban.validation.streams import settings
from dideban.validation.variants import ABLATIONS, PATCHES, SCALES, SENSITIVITIES, SPLITS, variant

EVERY = sorted({*ABLATIONS, *SENSITIVITIES})


def held(name: str) -> list[Any]:
    return [vars(holder)[attribute] for holder, attribute, _ in PATCHES.get(name, [])]


@pytest.mark.parametrize("name", EVERY)
def test_something_is_changed_and_put_back(name: str) -> None:
    before = held(name)
    with variant(name, Config()) as config:
        changed = any(now is not was for now, was in zip(held(name), before, strict=True))
        assert changed or config != Config() or name == "as it is"
    assert all(now is was for now, was in zip(held(name), before, strict=True))


def test_put_back_after_an_error() -> None:
    before = propose.MIN_DENSITY

    def fail() -> None:
        with variant("least density 0.2", Config()):
            assert propose.MIN_DENSITY == 0.2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert before == propose.MIN_DENSITY


def test_every_name_is_known_once() -> None:
    assert set(EVERY) == {*PATCHES, *SCALES, *SPLITS}


def test_a_constant_that_went_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PATCHES, "as it is", [(propose, "NO_SUCH", 1)])
    with pytest.raises(AttributeError, match="NO_SUCH"), variant("as it is", Config()):
        pass


def test_settings_are_the_defaults_but_for_copies_and_leads() -> None:
    assert settings(n_shuffles=Config().proof.n_shuffles).digest() == Config().digest()
