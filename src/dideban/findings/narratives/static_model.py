"""Vectors of meaning from a folder on this machine: a table of token vectors, averaged over the tokens of a text.

The folder is as model2vec writes it: ``tokenizer.json`` and ``model.safetensors`` with a tensor ``embeddings``. Neither
can run code; nothing is downloaded. Needs the extra ``dideban[meaning]``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from dideban.arrays import I8
from dideban.errors import ConfigError
from dideban.findings.narratives.meaning import Vectors
from dideban.messages import cause_of

MAX_TOKENIZER_BYTES = 256 << 20
MAX_MODEL_BYTES = 4 << 30
MAX_CHARS = 2_000
"""Letters of a text that are read; a representative tells what it tells by then."""
BATCH = 256
"""Texts taken apart at a time."""
TENSOR = "embeddings"


class StaticEmbedder:
    """Texts to the mean of the vectors of their tokens, of length 1; a text without a known token to zeros.

    Parameters
    ----------
    folder : path
        Holds ``tokenizer.json`` and ``model.safetensors``.

    Raises
    ------
    ConfigError
        The folder, a file in it or the extra is missing, a file is too large, damaged, or holds something else.

    References
    ----------
    Tulkens, van Dongen 2024, Model2Vec, github.com/MinishLab/model2vec (the format of the folder).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        tokens = _sized(folder / "tokenizer.json", MAX_TOKENIZER_BYTES)
        model = _sized(folder / "model.safetensors", MAX_MODEL_BYTES)
        self._tokenizer = _read_tokenizer(tokens)
        self._unknown = _unknown_token(self._tokenizer)
        self._table = _read_table(model)
        self.sha256 = _digest(model)
        """Of ``model.safetensors``: what a result made with it is stamped with."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) f4, one row per text."""
        rows = [np.empty((0, self._table.shape[1]), np.float32)]
        for at in range(0, len(texts), BATCH):
            cut = [text[:MAX_CHARS] for text in texts[at : at + BATCH]]
            encoded = self._tokenizer.encode_batch(cut, add_special_tokens=False)
            rows.append(np.stack([self._mean(np.array(one.ids, np.int64)) for one in encoded]))
        return np.concatenate(rows)

    def _mean(self, tokens: I8) -> Vectors:
        known = tokens[(tokens != self._unknown) & (tokens < len(self._table))]
        if not len(known):
            return np.zeros(self._table.shape[1], np.float32)
        mean = self._table[known].astype(np.float64).mean(axis=0)
        unit: Vectors = (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)
        return unit


def _sized(path: Path, most: int) -> Path:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ConfigError(
            "file.not-read", hint="hint.model-folder", key="model", path=path, reason=cause_of(error)
        ) from error
    if size > most:
        raise ConfigError("narratives.model-too-large", key="model", path=path, size=size, most=most)
    return path


def _read_tokenizer(path: Path) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise ConfigError("narratives.model-extra", key="model") from error
    try:
        made = Tokenizer.from_file(str(path))
        made.no_padding()
        made.no_truncation()
    except Exception as error:  # the library raises bare Exception for whatever is wrong with the file
        raise ConfigError("narratives.not-tokenizer", key="model", path=path, detail=cause_of(error)) from error
    return made


def _unknown_token(tokenizer: Any) -> int:
    """Number of the token that stands for whatever is not in the vocabulary; -1 where there is none."""
    said = orjson.loads(tokenizer.to_str())["model"]
    name = said.get("unk_token") if isinstance(said, dict) else None
    number = tokenizer.token_to_id(name) if isinstance(name, str) else None
    return -1 if number is None else int(number)


def _read_table(path: Path) -> Vectors:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="numpy") as tensors:
            table = np.asarray(tensors.get_tensor(TENSOR), np.float32)
    except (SafetensorError, OSError, TypeError, ValueError) as error:
        raise ConfigError(
            "narratives.no-vectors", key="model", path=path, tensor=TENSOR, detail=cause_of(error)
        ) from error
    if table.ndim != 2 or not table.size or not np.isfinite(table).all():
        raise ConfigError("narratives.bad-vectors", key="model", path=path, tensor=TENSOR, shape=str(table.shape))
    return table


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


__all__ = ["StaticEmbedder"]
