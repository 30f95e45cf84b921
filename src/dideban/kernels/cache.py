"""Where compiled kernels are kept, and which of them may be used again.

numba asks of a kept kernel only whether its own file is unchanged: a kernel that calls one from another file would go
on running the old one after an upgrade. Here all kernels of one state of the sources share a folder named by the hash
of them all, so an upgrade that leaves the kernels alone finds them compiled, and one that changes any starts afresh.

Kept kernels are code. A folder that another user could have written to is not used.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import platformdirs
from numba.core.caching import CompileResultCacheImpl, FunctionCache, NullCache, _CacheLocator

HERE = Path(__file__).parent
PREFIX = "kernels-"
MOST_KEPT = 3
"""States of the sources whose kernels are kept; the oldest go first."""


@functools.cache
def source_stamp() -> str:
    """Return the hash of the sources of all kernels and of the versions that compile them."""
    seen = hashlib.sha256(f"numba {version('numba')} llvmlite {version('llvmlite')}".encode())
    for path in sorted(HERE.glob("*.py")):
        seen.update(f"\n{path.name} ".encode() + hashlib.sha256(path.read_bytes()).digest())
    return seen.hexdigest()[:16]


@functools.cache
def kernel_folder() -> Path | None:
    """Return the folder of compiled kernels, made if missing; None = keep none.

    ``NUMBA_CACHE_DIR`` names another place than the user's cache folder, for images and read-only homes.
    """
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return folder_in(Path(given).expanduser(), mode=0o755)
    return folder_in(Path(platformdirs.user_cache_dir("dideban", appauthor=False)), mode=0o700)


def folder_in(home: Path, *, mode: int) -> Path | None:
    """Return the folder of these sources below ``home``, made if missing; None = none that can be trusted."""
    folder = home / f"{PREFIX}{source_stamp()}"
    is_new = not folder.is_dir()
    try:
        for path in (home, folder):
            path.mkdir(mode=mode, parents=True, exist_ok=True)
        if not is_trusted(folder):
            return None
    except OSError:
        return None
    if is_new:
        drop_old(home, besides=folder)
    return folder


def is_trusted(folder: Path) -> bool:
    """Tell whether nobody but this user and the system's can write to a folder or put another in its place."""
    if os.name == "nt":
        return True
    own, above = folder.stat(), folder.parent.stat()
    if own.st_uid not in (0, os.geteuid()) or own.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return False
    if above.st_mode & stat.S_ISVTX:  # as /tmp: only owners rename
        return True
    others = above.st_mode & stat.S_IWOTH or (above.st_mode & stat.S_IWGRP and above.st_gid not in (0, os.getegid()))
    return not others


def is_writable(folder: Path) -> bool:
    """Tell whether a kernel can be kept in a folder now."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def drop_old(home: Path, *, besides: Path) -> None:
    """Remove the kernels of older sources; a process that still uses them compiles what it needs."""
    old = [path for path in home.glob(f"{PREFIX}*") if path != besides and path.is_dir()]
    with suppress(OSError):
        old.sort(key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
        for path in old[MOST_KEPT - 1 :]:
            shutil.rmtree(path, ignore_errors=True)


class KernelLocator(_CacheLocator):  # type: ignore[misc]
    """Tells numba where the kernels are and what they depend on."""

    def __init__(self, function: Any, file: str) -> None:
        self._py_file, self._line = file, function.__code__.co_firstlineno

    def get_cache_path(self) -> str:
        """Return the folder."""
        return str(kernel_folder())

    def get_source_stamp(self) -> str:
        """Return what a kept kernel must have been compiled from."""
        return source_stamp()

    def get_disambiguator(self) -> str:
        """Return what tells functions of one name apart."""
        return str(self._line)

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> KernelLocator:
        """Return the locator of a kernel."""
        return cls(py_func, py_file)


class KernelCacheImpl(CompileResultCacheImpl):  # type: ignore[misc]
    """How numba writes a kernel, at our place."""

    _locator_classes = (KernelLocator,)


class KernelCache(FunctionCache):  # type: ignore[misc]
    """A cache that can fail without harm: a damaged file is compiled over, a full disk keeps nothing."""

    _impl_class = KernelCacheImpl

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return a kept kernel, or None."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # whatever a damaged file raises
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a kernel where there is room for it."""
        with suppress(OSError):
            super().save_overload(sig, data)


def keep(dispatcher: Any) -> Any:
    """Let a compiled function be kept; as it is where nothing is compiled or nothing can be kept."""
    if hasattr(dispatcher, "_cache"):
        dispatcher._cache = KernelCache(dispatcher.py_func) if kernel_folder() else NullCache()
    return dispatcher
