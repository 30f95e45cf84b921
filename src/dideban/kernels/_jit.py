"""The one place that knows how kernels are compiled.

Compiled code is kept on disk (``cache``); ``NUMBA_DISABLE_JIT=1`` runs every kernel as plain Python (coverage,
debugging).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba import types

from dideban.kernels.cache import keep

F = TypeVar("F", bound=Callable[..., object])


def jit(function: F) -> F:
    """Compile ``function`` to machine code that releases the interpreter lock.

    Threads are the caller's: kernels work on one chunk and hold no state, so results cannot depend on how many run.
    """
    compiled = numba.njit(nogil=True, boundscheck=False, error_model="numpy")(function)
    if not numba.config.DISABLE_JIT:
        _compile_once(compiled)
    kept: F = keep(compiled)
    return kept


def _compile_once(dispatcher: Any) -> None:
    """Compile a kernel for the type of an argument, not once more for each constant that another kernel passes."""
    look_up = dispatcher.get_call_template

    def get_call_template(args: Any, kws: Any) -> Any:
        return look_up(tuple(map(types.unliteral, args)), {name: types.unliteral(kind) for name, kind in kws.items()})

    dispatcher.get_call_template = get_call_template
