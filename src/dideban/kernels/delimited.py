"""Where the rows of delimited text begin and end, and which of them are sound: one pass over the bytes."""

from __future__ import annotations

import numpy as np

from dideban.kernels._jit import jit

SOUND, ODD, RAGGED, UNBALANCED, NUL, TOO_LARGE, BLANK = range(7)
"""ODD: a quotation mark inside an unquoted field, which is legal but read by the slow way."""
QUOTE, LF, CR = 34, 10, 13


@jit
def split_rows(
    buf: np.ndarray,
    begin: int,
    delimiter: int,
    n_fields: int,
    max_field: int,
    final: bool,
    starts: np.ndarray,
    ends: np.ndarray,
    kinds: np.ndarray,
) -> tuple[int, int]:
    # (n,) u1, ... -> (m,) i8, (m,) i8, (m,) u1; returns rows found and the offset of the first byte not used
    n = buf.shape[0]
    capacity = starts.shape[0]
    count = 0
    at = begin
    while at < n and count < capacity:
        start = at
        i = at
        fields = 1
        kind = SOUND
        quoted = False  # inside a quoted field
        closed = False  # a quoted field has just ended
        field = at  # where the field begins
        first_line_end = -1
        done = False
        cut = False
        while i < n:
            c = buf[i]
            if c == 0:
                kind = max(kind, NUL) if kind != TOO_LARGE else kind
            if quoted:
                if c == QUOTE:
                    if i + 1 < n and buf[i + 1] == QUOTE:
                        i += 1
                    elif i + 1 >= n and not final:
                        cut = True  # whether the field ends here shows in the next byte
                        break
                    else:
                        quoted = False
                        closed = True
                elif c == LF and first_line_end < 0:
                    first_line_end = i
            elif c == delimiter:
                if i - field > max_field:
                    kind = TOO_LARGE
                fields += 1
                field = i + 1
                closed = False
                if n_fields > 0 and fields > n_fields and first_line_end >= 0:
                    break  # a quotation mark went astray and swallowed lines
            elif c == LF:
                done = True
                break
            elif c == QUOTE:
                if i == field:
                    quoted = True
                elif closed:
                    kind = UNBALANCED
                    break
                elif kind == SOUND:
                    kind = ODD
            elif closed and c != CR:
                kind = UNBALANCED
                break
            i += 1
        if not done:
            if cut or (i >= n and not final):
                break  # the row goes on beyond the buffer
            if i >= n and not quoted and kind != UNBALANCED:
                done = True  # the last row has no line end
            elif first_line_end >= 0 and n_fields > 0 and fields > n_fields and kind != UNBALANCED:
                kind = RAGGED
            else:
                kind = UNBALANCED
        if done:
            end = i
            at = i + 1
            if end - field > max_field:
                kind = TOO_LARGE
            if kind <= ODD and n_fields > 0 and fields != n_fields:
                kind = RAGGED
                if first_line_end >= 0:
                    end = first_line_end
                    at = end + 1
        else:
            end = first_line_end
            if end < 0:
                end = i
                while end < n and buf[end] != LF:
                    end += 1
                if end >= n and not final:
                    break
            at = end + 1
        stop = end
        if stop > start and buf[stop - 1] == CR:
            stop -= 1
        starts[count] = start
        ends[count] = stop
        kinds[count] = BLANK if stop == start else kind
        count += 1
    return count, min(at, n)


@jit
def count_fields(buf: np.ndarray, start: int, end: int, delimiter: int) -> int:
    # (n,) u1 -> fields of one row
    fields = 1
    quoted = False
    for i in range(start, end):
        if buf[i] == QUOTE:
            quoted = not quoted
        elif buf[i] == delimiter and not quoted:
            fields += 1
    return fields
