"""Change one line of one module as it is imported, in this process and in every process it starts.

``scripts/mutants.py`` puts this folder on the import path. Nothing on disk is changed, so compiled kernels stay in
their cache.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from types import CodeType, ModuleType


class _Changed(importlib.machinery.SourceFileLoader):
    """Compiles the source with the one line changed; writes no byte code."""

    def get_code(self, fullname: str) -> CodeType:
        source = self.get_data(self.path).decode("utf-8")
        old, new = CHANGE["old"], CHANGE["new"]
        if source.count(old) != 1:
            raise ImportError(f"{self.path} holds the line {source.count(old)} times: {old}")
        return compile(source.replace(old, new), self.path, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != CHANGE["module"]:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Changed(fullname, spec.origin)
        return spec


CHANGE = json.loads(os.environ.get("MUTANT", "null"))
if CHANGE is not None:
    sys.meta_path.insert(0, _Finder())
