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
    count = 0
    at = begin
    while at < n and count < starts.shape[0]:
        start = at
        i, kind, fields, field, line_end, is_done, is_open = _scan_row(buf, at, delimiter, n_fields, max_field, final)
        if is_open:
            break  # the row goes on beyond the buffer
        if is_done:
            end = i
            if end - field > max_field:
                kind = TOO_LARGE
            if kind <= ODD and n_fields > 0 and fields != n_fields:
                kind = RAGGED
                if line_end >= 0:
                    end = line_end
        else:
            end = line_end
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
def _scan_row(
    buf: np.ndarray, at: int, delimiter: int, n_fields: int, max_field: int, final: bool
) -> tuple[int, int, int, int, int, bool, bool]:
    # -> where the scan stopped, kind, fields, start of the last field, first line end in quotes, is done, goes on
    n = buf.shape[0]
    i = field = at
    fields, kind, line_end = 1, SOUND, -1
    quoted = closed = False  # inside a quoted field; a quoted field has just ended
    while i < n:
        c = buf[i]
        if c == 0 and kind != TOO_LARGE:
            kind = max(kind, NUL)
        if quoted:
            if c == QUOTE:
                if i + 1 < n and buf[i + 1] == QUOTE:
                    i += 1
                elif i + 1 >= n and not final:
                    return i, kind, fields, field, line_end, False, True  # the next byte shows whether the field ends
                else:
                    quoted, closed = False, True
            elif c == LF and line_end < 0:
                line_end = i
        elif c == delimiter:
            if i - field > max_field:
                kind = TOO_LARGE
            fields += 1
            field = i + 1
            closed = False
            if n_fields > 0 and fields > n_fields and line_end >= 0:
                break  # a quotation mark went astray and swallowed lines
        elif c == LF:
            return i, kind, fields, field, line_end, True, False
        elif c == QUOTE and i == field:
            quoted = True
        elif c == QUOTE and not closed:
            kind = ODD if kind == SOUND else kind
        elif closed and c != CR:
            kind = UNBALANCED
            break
        i += 1
    is_open = i >= n and not final
    is_last = i >= n and not quoted and kind != UNBALANCED  # the last row has no line end
    if not is_open and not is_last:
        is_swallowed = line_end >= 0 and n_fields > 0 and fields > n_fields and kind != UNBALANCED
        kind = RAGGED if is_swallowed else UNBALANCED
    return i, kind, fields, field, line_end, is_last, is_open


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
