"""A model of meaning from a folder: means of token vectors, and folders that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

tokenizers = pytest.importorskip("tokenizers")
from safetensors.numpy import save_file  # noqa: E402

from dideban.errors import ConfigError  # noqa: E402
from dideban.findings.narratives import StaticEmbedder  # noqa: E402

WORDS = {"[UNK]": 0, "pool": 1, "استخر": 2, "tram": 3, "ترامو": 4, "open": 5}
TABLE = np.array([[9, 9], [1, 0], [1, 0], [0, 1], [0, 1], [0.5, 0.5]], np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(WORDS, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.save(str(tmp_path / "tokenizer.json"))
    save_file({"embeddings": TABLE}, str(tmp_path / "model.safetensors"))
    return tmp_path


def test_a_text_is_the_mean_of_its_tokens_of_length_one(folder: Path) -> None:
    vectors = StaticEmbedder(folder).embed(["pool", "استخر", "pool tram", "", "pool open"])
    assert vectors.shape == (5, 2)
    assert vectors.dtype == np.float32
    assert vectors[0].tolist() == vectors[1].tolist() == [1, 0]
    assert vectors[2] == pytest.approx([0.5**0.5] * 2)
    assert vectors[3].tolist() == [0, 0]
    assert vectors[4] == pytest.approx(np.array([0.75, 0.25]) / np.linalg.norm([0.75, 0.25]))


def test_batches_and_neighbours_do_not_matter(folder: Path) -> None:
    model = StaticEmbedder(folder)
    texts = ["pool open", "tram", "استخر tram"] * 200
    assert np.array_equal(model.embed(texts), np.tile(model.embed(texts[:3]), (200, 1)))
    assert model.embed([]).shape == (0, 2)
    assert len(model.sha256) == 64


def test_tokens_beyond_the_table_and_endless_texts_are_harmless(folder: Path) -> None:
    save_file({"embeddings": TABLE[:4]}, str(folder / "model.safetensors"))
    vectors = StaticEmbedder(folder).embed(["ترامو", "pool " * 1_000_000])
    assert vectors[0].tolist() == [0, 0]
    assert vectors[1].tolist() == [1, 0]


def test_words_that_the_model_does_not_know_count_for_nothing(folder: Path) -> None:
    vectors = StaticEmbedder(folder).embed(["pool zebra", "zebra"])
    assert vectors.tolist() == [[1, 0], [0, 0]]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tokenizer.json", b"{}"),
        ("tokenizer.json", b"\xff\xfe no json"),
        ("model.safetensors", b""),
        ("model.safetensors", b"\xff" * 64),
        ("model.safetensors", (2**40).to_bytes(8, "little") + b"{}"),
    ],
)
def test_damaged_files_are_said_to_be_so(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(ConfigError, match=name):
        StaticEmbedder(folder)


@pytest.mark.parametrize("table", [np.zeros(3, np.float32), np.full((6, 2), np.nan, np.float32)])
def test_tables_of_something_else_are_refused(folder: Path, table: np.ndarray) -> None:
    save_file({"embeddings": table}, str(folder / "model.safetensors"))
    with pytest.raises(ConfigError, match="finite vectors"):
        StaticEmbedder(folder)


def test_a_model_without_the_tensor_and_a_folder_without_files_are_refused(folder: Path, tmp_path: Path) -> None:
    save_file({"other": TABLE}, str(folder / "model.safetensors"))
    with pytest.raises(ConfigError, match="embeddings"):
        StaticEmbedder(folder)
    with pytest.raises(ConfigError, match="cannot be read") as caught:
        StaticEmbedder(tmp_path / "none")
    assert "model2vec" in str(caught.value.hint)
