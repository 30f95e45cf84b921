"""The encoding of a file: detected from a sample, converted to UTF-8 block by block."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

import charset_normalizer

from dideban.ingest.columns import SYNONYMS, plain
from dideban.ingest.decompress import ByteStream
from dideban.ingest.twice_encoded import is_twice_encoded, mend, mend_blocks

SAMPLE_BYTES = 256 * 1024
CANDIDATES = [
    "cp1252", "cp1256", "cp1251", "cp1250", "cp1254", "cp1255", "iso8859_6", "gb18030", "shift_jis", "euc_kr", "big5",
]  # fmt: skip
"""What exports of this field are written in, besides Unicode; the more common first."""
HEADER_LINES = 12
"""Lines in which a header is looked for."""
KNOWN_NAMES = frozenset(plain(word) for words in SYNONYMS.values() for word in words)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def guess_encoding(sample: bytes) -> tuple[str, int]:
    """Name the encoding of a sample from the start of a file, and the length of its byte-order mark.

    Notes
    -----
    UTF-8 unless the sample speaks against it: a few broken bytes are rejected rows, not another encoding.
    """
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name, len(mark)
    if wide := _wide(sample):
        return wide, 0
    lines = [line for line in sample[: sample.rfind(b"\n") + 1 or len(sample)].split(b"\n") if not line.isascii()]
    broken = sum(not _is_utf8(line) for line in lines)
    if len(lines) == 1 and b"\n" not in sample:
        broken = 0 if _is_utf8(sample, tail=True) else 1
    if broken * 2 <= len(lines):
        return "utf-8", 0
    if named := _by_names(sample):
        return named, 0
    text = b"\n".join(lines)[:65_536]
    matches = charset_normalizer.from_bytes(text, cp_isolation=CANDIDATES, threshold=0.5)
    best = min(matches, key=_rank, default=None)
    return (best.encoding if best is not None else CANDIDATES[0]), 0


def _by_names(sample: bytes) -> str:
    """Name the encoding in which most words of the first lines are names of columns; empty where several are as good.

    A header of a few words in a language that the rows are not in says more to names than to counts of letters.
    """
    head = b"\n".join(sample[:65_536].split(b"\n", HEADER_LINES)[:HEADER_LINES])
    found: dict[str, int] = {}
    for encoding in CANDIDATES:
        words = re.split(r"[,;\t|~^\x01\x1f\r\n]", head.decode(encoding, "ignore"))
        found[encoding] = sum(not word.isascii() and plain(word.strip(" \"'")) in KNOWN_NAMES for word in words)
    best = max(found, key=lambda encoding: found[encoding])
    return best if found[best] and list(found.values()).count(found[best]) == 1 else ""


def _rank(match: charset_normalizer.CharsetMatch) -> tuple[float, float, int]:
    """Least garbled, most like a language; where several are the same, the more common one."""
    return round(match.chaos, 2), -round(match.coherence, 2), CANDIDATES.index(match.encoding)


def _wide(sample: bytes) -> str:
    """Tell UTF-16 without a mark by its zero bytes, which then stand in every other place."""
    even, odd = sample[0:4096:2], sample[1:4096:2]
    if len(odd) < 8:
        return ""
    zeros_even, zeros_odd = even.count(0) / len(even), odd.count(0) / len(odd)
    if zeros_odd > 0.3 and zeros_even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if zeros_even > 0.3 and zeros_odd < 0.05 else ""


def _is_utf8(data: bytes, *, tail: bool = False) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(data, final=not tail)
    except UnicodeDecodeError:
        return False
    return True


def to_utf8(blocks: Iterator[bytes], *, encoding: str, mark: int) -> Iterator[bytes]:
    """Re-encode blocks; what is not text in ``encoding`` comes out as bytes that are not UTF-8, for the row check."""
    skip = mark
    errors = "surrogatepass" if encoding.startswith("utf-") else "surrogateescape"
    decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)(_lenient(errors))
    for raw in blocks:
        block = raw[skip:]
        skip = max(0, skip - len(raw))
        yield block if decoder is None else decoder.decode(block).encode("utf-8", errors)
    if decoder is not None and (rest := decoder.decode(b"", final=True)):
        yield rest.encode("utf-8", errors)


@dataclass(frozen=True)
class Decoded:
    """A stream of bytes together with what they stand for."""

    stream: ByteStream
    encoding: str
    mark: int
    """Length of the byte-order mark."""
    old_mac: bool = False
    """Lines end in a lone carriage return."""
    twice: bool = False
    """Letters were encoded twice, and are decoded once more."""

    def blocks(self) -> Iterator[bytes]:
        """Yield the text as UTF-8; see :func:`to_utf8`."""
        blocks = to_utf8(self.stream.blocks(), encoding=self.encoding, mark=self.mark)
        for block in mend_blocks(blocks) if self.twice else blocks:
            yield block.replace(b"\r", b"\n") if self.old_mac else block

    @property
    def truncated(self) -> bool:
        """Whether the file ended too early; known when ``blocks`` is through."""
        return self.stream.truncated

    def head(self, n_bytes: int) -> str:
        """Return the first text; what is not text in the encoding becomes U+FFFD."""
        text = self.stream.head(n_bytes)[self.mark :].decode(self.encoding, "replace")
        text = mend(text) if self.twice else text
        return text.replace("\r", "\n") if self.old_mac else text


def decode(stream: ByteStream, sample: bytes) -> Decoded:
    """Tell how a stream is encoded from its first bytes."""
    encoding, mark = guess_encoding(sample)
    text = sample[mark:].decode(encoding, "replace")
    twice = encoding == "utf-8" and is_twice_encoded(sample)
    return Decoded(stream, encoding, mark, old_mac="\n" not in text and "\r" in text, twice=twice)


def _lenient(errors: str) -> str:
    return "dideban-lone" if errors == "surrogatepass" else errors


def _keep_lone(error: UnicodeError) -> tuple[str, int]:
    """Stand in for a broken unit by a lone surrogate, which no UTF-8 row may hold."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udc80", error.end


codecs.register_error("dideban-lone", _keep_lone)
