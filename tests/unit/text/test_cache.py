from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from dideban.config import TraceConfig
from dideban.simulate import make_sample
from dideban.text import SignatureCache, cluster_texts, sign_texts
from dideban.traces import extract_traces

START = datetime(2026, 3, 2, tzinfo=UTC)


def posts_of(texts: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {"post_id": [f"p{i:03d}" for i in range(len(texts))], "text": texts,
         "created_at": [START + timedelta(minutes=i) for i in range(len(texts))]},
        schema={"post_id": pl.String, "text": pl.String, "created_at": pl.Datetime("us", "UTC")},
    )  # fmt: skip


@pytest.fixture(scope="module")
def sample() -> pl.DataFrame:
    return make_sample(seed=4, n_posts=2_000).posts


def test_a_second_run_hashes_only_what_is_new(sample: pl.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "signatures.parquet"
    frame = sample.select("post_id", "text", "created_at")
    whole = cluster_texts(frame)
    first = SignatureCache(path)
    first.sign(frame.head(1_500))
    assert first.n_known == 0
    first.save()
    second = SignatureCache(path)
    signed = second.sign(frame)
    assert second.n_known >= 1_500
    new_texts = set(frame["text"].fill_null("")) - set(frame.head(1_500)["text"].fill_null(""))
    assert second.n_new == len(new_texts)
    assert cluster_texts(frame, signatures=signed).equals(whole)


def test_signatures_are_those_of_a_run_without_cache(sample: pl.DataFrame, tmp_path: Path) -> None:
    frame = sample.select("post_id", "text")
    cache = SignatureCache(tmp_path / "s.parquet")
    cache.sign(frame.tail(900))
    signed, plain = cache.sign(frame), sign_texts(frame)
    assert signed.schema == plain.schema
    for name in ("post_id", "print", "n_chars"):
        assert signed[name].equals(plain[name])
    forms = [table.drop_nulls("form").select("print", "form", "sketch", "n_shingles") for table in (signed, plain)]
    assert (
        forms[0]
        .unique("print")
        .sort("print")
        .equals(forms[1].unique("print").sort("print").join(forms[0], on="print", how="semi").sort("print"))
    )


def test_traces_are_the_same_with_kept_signatures(sample: pl.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    config = TraceConfig(kinds=("text",))
    plain = extract_traces(sample, config=config)
    for _ in range(2):
        cache = SignatureCache(path)
        found = extract_traces(sample, config=config, signatures=cache)
        cache.save()
        assert found.traces.equals(plain.traces)
    assert cache.n_new == 0


def test_what_was_not_asked_for_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    first = SignatureCache(path)
    first.sign(posts_of(["The library on Mill Street opens again on Monday with longer hours."] * 2))
    first.save()
    second = SignatureCache(path)
    second.sign(posts_of(["A very different text about the bridge over the river and its new railing."]))
    second.save()
    third = SignatureCache(path)
    third.sign(posts_of(["The library on Mill Street opens again on Monday with longer hours."]))
    assert third.n_new == 1


@pytest.mark.parametrize("content", [b"", b"not parquet", b"PAR1" + b"\x00" * 40])
def test_a_damaged_file_counts_as_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s.parquet"
    path.write_bytes(content)
    cache = SignatureCache(path)
    assert cache.sign(posts_of(["one text", None, ""])).height == 3
    cache.save()
    assert SignatureCache(path).sign(posts_of(["one text"])).height == 1


def test_another_version_counts_as_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.parquet"
    cache = SignatureCache(path)
    cache.sign(posts_of(["The library on Mill Street opens again on Monday with longer hours."]))
    cache.save()
    monkeypatch.setattr("dideban.text.cache.VERSION", 99)
    other = SignatureCache(path)
    other.sign(posts_of(["The library on Mill Street opens again on Monday with longer hours."]))
    assert other.n_known == 0


def test_another_limit_is_signed_again(tmp_path: Path) -> None:
    cache = SignatureCache(tmp_path / "s.parquet")
    frame = posts_of(["The library on Mill Street opens again."])
    assert cache.sign(frame, min_chars=20)["n_chars"].item() > 0
    assert cache.sign(frame, min_chars=80)["n_chars"].item() == 0


def test_texts_forgotten_on_request_are_in_the_file_no_more(tmp_path: Path) -> None:
    path = tmp_path / "signatures.parquet"
    kept, gone = (
        f"{word} evening the council voted on the old swimming pool of Harbour Street."
        for word in ("Each", "Yesterday")
    )
    cache = SignatureCache(path)
    cache.sign(posts_of([kept, gone, gone]))
    cache.save()
    later = SignatureCache(path)
    later.forget(pl.Series([gone, None, "never seen"]))
    later.keep()
    forms = pl.read_parquet(path)["form"].drop_nulls().to_list()
    assert len(forms) == 1
    assert "each" in forms[0]
    last = SignatureCache(path)
    last.sign(posts_of([kept, gone]))
    assert (last.n_known, last.n_new) == (1, 1)


def test_a_cache_is_opened_again_only_while_its_file_is_its_own(tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    text = "The library on Mill Street opens again on Monday with longer hours."
    cache = SignatureCache(path)
    cache.sign(posts_of([text]))
    assert cache.unsaved == 1
    assert cache.reopen() is not cache  # nothing is on the disk: what was deleted meanwhile cannot be known
    cache.save()
    assert cache.unsaved == 0
    again = cache.reopen()
    assert again is cache
    again.sign(posts_of([text, "A very different text about the bridge over the river and its railing."]))
    assert (again.n_known, again.n_new, again.unsaved) == (1, 1, 0.5)
    other = SignatureCache(path)
    other.forget(pl.Series([text]))
    other.keep()
    fresh = again.reopen()
    assert fresh is not again
    assert fresh.words is not again.words
    assert fresh.forms.is_empty()
    path.unlink()
    assert fresh.reopen() is not fresh
