"""Signatures kept between runs: the next run hashes only texts that are new."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import polars as pl

from dideban.atomic import swapping
from dideban.kernels.text import hash_texts
from dideban.text.cluster_leaders import ClusterLeaders
from dideban.text.near_duplicates import N_SHINGLES, SIGNATURES, sign_texts
from dideban.text.normalise import chunks, to_bytes
from dideban.text.rarity import KnownWords
from dideban.text.text_marks import MARKS, TextMarks, look_up

VERSION = 3
"""Grows whenever a rule of the normal form or of signatures changes: an older file is then rebuilt."""

_SAID = {name: SIGNATURES[name] for name in ("print", "n_chars", "is_short")}
_TEXTS: dict[str, pl.DataType] = {"key": pl.UInt64(), "check": pl.UInt64(), **_SAID}
_FORMS = {name: SIGNATURES[name] for name in ("print", "form", "sketch", "n_shingles")}
_SEEDS = (0xD1DE, 0xBA9)
_MET = {**MARKS, **_TEXTS}


class SignatureCache:
    """What :func:`dideban.text.sign_texts` found out about texts, on disk beside the posts.

    Parameters
    ----------
    path : path
        A Parquet file; made when saved. One that was written by another version, or is damaged, counts as empty.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.n_known = 0
        """Texts that needed no hashing so far."""
        self.n_new = 0
        self._stamp = _stamp(path)
        self._texts, self.forms = _read(path)
        """``forms``: print, form, sketch and n_shingles of every text that can be an object."""
        self._used = [self._texts.select("key", "check").clear()]
        self._n_unsaved = 0
        self._marks, self._met_chars = TextMarks(), 0
        self._met = pl.DataFrame(schema=_MET)
        self.leads = ClusterLeaders()
        """What the last run with this cache found about texts; in memory only."""
        self.words = KnownWords(), KnownWords()
        """Words of the short texts of the last run, and of those that they were compared with; in memory only."""

    def reopen(self) -> SignatureCache:
        """Return a cache for the next run: this one, as long as no one else has touched its file, else a new one.

        What was deleted on request from the file thus lives on in no memory either.
        """
        if self._stamp is None or self._stamp != _stamp(self.path):
            return SignatureCache(self.path)
        self.n_known = self.n_new = 0
        self._used = [self._texts.select("key", "check").clear()]
        return self

    @property
    def unsaved(self) -> float:
        """Share of the known texts that the file does not hold, 0..1; 1 where there is no file."""
        return 1.0 if self._stamp is None else self._n_unsaved / max(1, self._texts.height)

    def sign(self, frame: pl.DataFrame, *, min_chars: int = 40, threads: int = 0) -> pl.DataFrame:
        """Return what :func:`dideban.text.sign_texts` returns, hashing only texts not seen before.

        Parameters
        ----------
        frame : DataFrame, (n_posts,)
            ``post_id`` and ``text``; any order.
        min_chars, threads
            As there; texts signed under another ``min_chars`` are signed again.
        """
        prints = self.prints(frame["text"], min_chars=min_chars, threads=threads)
        signed = frame.select("post_id").hstack(prints)
        first = signed["print"].is_first_distinct()
        formed = signed.join(self.forms, on="print", how="left", maintain_order="left")
        return formed.with_columns(pl.when(first).then(pl.col(name)) for name in _FORMS if name != "print").select(
            list(SIGNATURES)
        )

    def prints(self, texts: pl.Series, *, min_chars: int = 40, threads: int = 0) -> pl.DataFrame:
        """Return (print, n_chars, is_short) of each text, hashing only new ones; what else is known is in ``forms``.

        Parameters
        ----------
        texts : String series, (n,)
        min_chars, threads
            As in :meth:`sign`.
        """
        if min_chars != self._met_chars:
            self._met, self._met_chars = self._met.clear(), min_chars
        marks = self._marks.of(texts)
        found, is_new = look_up(marks, self._met)
        if is_new.any():
            looked_up = self._look_up(texts.filter(is_new).fill_null(""), min_chars=min_chars, threads=threads)
            self._met = pl.concat([self._met, marks.filter(is_new).hstack(looked_up)]).unique("mark", keep="first")
            order = pl.concat([(~is_new).arg_true(), is_new.arg_true()]).arg_sort()
            found = pl.concat([found.filter(~is_new).select(list(_TEXTS)), looked_up])[order]
        self.n_known += len(texts) - int(is_new.sum())
        self._used.append(found.select("key", "check"))
        return found.select(list(_SAID))

    def _look_up(self, texts: pl.Series, *, min_chars: int, threads: int) -> pl.DataFrame:
        """Return what the file says of each text that was not met since it was opened; what is new there is hashed."""
        keys = _keys(texts, min_chars=min_chars)
        found = keys.join(self._texts, on=["key", "check"], how="left", maintain_order="left")
        is_new = found["print"].is_null()
        self.n_known += len(texts) - int(is_new.sum())
        if is_new.any():
            fresh = keys.filter(is_new).with_columns(text=texts.filter(is_new)).unique(["key", "check"], keep="first")
            self.n_new += fresh.height
            named = fresh.select("text", post_id=pl.int_range(pl.len()).cast(pl.String))
            self._add(fresh, sign_texts(named, min_chars=min_chars, threads=threads))
            found = keys.join(self._texts, on=["key", "check"], how="left", maintain_order="left")
        return found.select(list(_TEXTS))

    def forget(self, texts: pl.Series, *, min_chars: int = 40) -> None:
        """Forget texts, as when their posts are deleted; call :meth:`keep` to write what is left.

        Parameters
        ----------
        texts : String series
            Who else posted them does not matter: they are hashed again.
        min_chars : count
            As they were signed.
        """
        gone = _keys(texts.drop_nulls(), min_chars=min_chars)
        prints = self._texts.join(gone, on=["key", "check"], how="semi")["print"].unique()
        self._met, self.words = self._met.clear(), (KnownWords(), KnownWords())
        self._texts = self._texts.filter(~pl.col("print").is_in(prints.implode()))
        self.forms = self.forms.filter(~pl.col("print").is_in(prints.implode()))

    def keep(self) -> None:
        """Write all that is known, whether it was asked for or not.

        Raises
        ------
        OSError
            The folder cannot be written.
        """
        self._used.append(self._texts.select("key", "check"))
        self.save()

    def save(self) -> None:
        """Write what was asked for since this cache was opened; what was not is forgotten.

        Raises
        ------
        OSError
            The folder cannot be written.
        """
        used = pl.concat(self._used).unique()
        texts = self._texts.join(used, on=["key", "check"], how="semi")
        forms = self.forms.join(texts, on="print", how="semi")
        table = pl.concat(
            [texts.with_columns(mark=pl.lit(_mark())), forms.with_columns(mark=pl.lit(_mark()))], how="diagonal"
        ).sort("key", "check", "print", nulls_last=True)
        with swapping(self.path, survives="kill") as part:
            table.write_parquet(part, compression="zstd", compression_level=1)
        self._met = self._met.join(texts, on=["key", "check"], how="semi")
        self._texts, self.forms, self._n_unsaved, self._stamp = texts, forms, 0, _stamp(self.path)

    def _add(self, fresh: pl.DataFrame, signed: pl.DataFrame) -> None:
        rows = fresh.select("key", "check").hstack(signed.select(list(_SAID)))
        self._texts = pl.concat([self._texts, rows.select(list(_TEXTS))])
        self._n_unsaved += fresh.height
        forms = signed.filter(pl.col("form").is_not_null()).select(list(_FORMS))
        self.forms = pl.concat([self.forms, forms.join(self.forms, on="print", how="anti")])


def _keys(texts: pl.Series, *, min_chars: int) -> pl.DataFrame:
    """Return two hashes of each text, 128 bits together: texts of strangers may be made to collide in one."""
    parts = [pl.DataFrame(schema={"key": pl.UInt64, "check": pl.UInt64})]
    for part in chunks(texts):
        data, offsets = to_bytes(part)
        values = [hash_texts(data, offsets, np.uint64(seed + min_chars)) for seed in _SEEDS]
        parts.append(pl.DataFrame({"key": values[0], "check": values[1]}))
    return pl.concat(parts)


def _mark() -> str:
    """Return what the signatures depend on besides the text."""
    return f"dideban.signatures/{VERSION}/{N_SHINGLES}/{unicodedata.unidata_version}"


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what changes whenever somebody rewrites the file; None = there is none."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_ino, about.st_mtime_ns, about.st_size


def _read(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    texts, forms = pl.DataFrame(schema=_TEXTS), pl.DataFrame(schema=_FORMS)
    if not path.is_file():
        return texts, forms
    try:
        table = pl.read_parquet(path)
        if set(table["mark"].unique()) != {_mark()}:
            return texts, forms
        known = table.filter(pl.col("key").is_not_null()).select(list(_TEXTS)).cast(pl.Schema(_TEXTS))
        formed = table.filter(pl.col("form").is_not_null()).select(list(_FORMS)).cast(pl.Schema(_FORMS))
    except (OSError, pl.exceptions.PolarsError):
        return texts, forms
    return known, formed
