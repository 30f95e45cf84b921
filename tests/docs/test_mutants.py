"""The mutation checks change what they say they change, in memory alone."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def mutants() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutants", ROOT / "scripts" / "mutants.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutants"] = module
    spec.loader.exec_module(module)
    return module


def said(change: dict[str, str] | None) -> subprocess.CompletedProcess[str]:
    """What a program prints that claims by Benjamini and Hochberg, with one line changed."""
    code = "from dideban.stats.error_control import bh; import numpy as np; print(bh(np.array([0.04]), fdr=0.05)[0])"
    path = os.pathsep.join([str(ROOT / "scripts" / "mutation"), str(ROOT / "src")])
    environment = {**os.environ, "MUTANT": json.dumps(change), "PYTHONPATH": path}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)


CHANGE = {
    "module": "dideban.stats.error_control",
    "old": "mask[order[: passed[-1] + 1]] = True",
    "new": "mask[order[: passed[-1] + 1]] = False",
}


def test_a_line_is_changed_in_memory_alone() -> None:
    assert said(None).stdout.strip() == "True"
    assert said(CHANGE).stdout.strip() == "False"
    assert said(None).stdout.strip() == "True"


def test_a_line_that_is_not_there_is_an_error() -> None:
    done = said({**CHANGE, "old": "no such line"})
    assert done.returncode != 0
    assert "holds the line 0 times" in done.stderr


def test_a_test_that_fails_notices_and_one_that_passes_does_not(mutants: ModuleType) -> None:
    one = mutants.Mutant(
        area="proof", what="claims nothing", tests=["tests/unit/stats/test_error_control.py"], **CHANGE
    )
    test = "tests/unit/stats/test_error_control.py::test_bh_is_the_textbook_procedure"
    other = "tests/unit/stats/test_error_control.py::test_no_budget_no_claim"
    assert mutants.run(one, [test]) == (True, test)
    assert mutants.run(one, [other]) == (False, "nothing")


def test_the_page_says_what_survives_and_why(mutants: ModuleType) -> None:
    one = mutants.Mutant(area="proof", what="claims nothing", tests=[], survives="nobody asks", **CHANGE)
    page = mutants.page([mutants.Outcome(mutant=one, killed=False, by="nothing", seconds=1.0)])
    assert "1 lines were changed; a test failed for 0 of them." in page
    assert "- claims nothing (`dideban.stats.error_control`): nobody asks" in page


def test_the_list_fits_the_program(mutants: ModuleType) -> None:
    assert mutants.stale(mutants.read_mutants()) == []
