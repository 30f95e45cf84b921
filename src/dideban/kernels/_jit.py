"""The one place that knows how kernels are compiled.

Compiled code is kept on disk (``cache``); ``NUMBA_DISABLE_JIT=1`` runs every kernel as plain Python (coverage,
debugging).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numba

from dideban.kernels.cache import keep

F = TypeVar("F", bound=Callable[..., object])


def jit(function: F) -> F:
    """Compile ``function`` to machine code that releases the interpreter lock.

    Threads are the caller's: kernels work on one chunk and hold no state, so results cannot depend on how many run.
    """
    compiled: F = keep(numba.njit(nogil=True, boundscheck=False, error_model="numpy")(function))
    return compiled
