"""Laws of text that hold whatever the input."""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.kernels.minhash import compare_pairs, sketch_texts
from dideban.kernels.text import hash_texts
from dideban.kernels.text_align import align_words
from dideban.simulate.text_pairs import make_pairs, pair_posts
from dideban.text import cluster_texts, normal_form, sign_texts, template, text_print, variant_of
from dideban.text.normalise import squeezed_form, to_bytes

_spec = importlib.util.spec_from_file_location("text_oracle", Path(__file__).parents[1] / "oracles" / "text.py")
oracle = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(oracle)

settings.register_profile("text", deadline=None, max_examples=60)  # the first call compiles
settings.load_profile("text")

# no &, @, dots, slashes or marks of numbers: links, names, entities and numbers have rules of their own (spec tests)
LETTERS = "abcXYZ éİßпЖ سلامكيگة\u200c۱۲3 ـًด็ก็今日はがガ😀👍\n\t!-_#"
plain = st.text(alphabet=LETTERS, max_size=60)
wild = st.text(max_size=80).map(lambda s: s.encode("utf-8", "ignore").decode())


@given(st.lists(plain, max_size=5))
def test_kernel_folds_like_its_twin(texts):
    expected = [oracle.fold(text) for text in texts]
    mixed = [any("a" <= c <= "z" for c in form) and any("а" <= c <= "я" for c in form) for form in expected]
    got = normal_form(pl.Series(texts, dtype=pl.String)).to_list()
    assert [g for g, m in zip(got, mixed, strict=True) if not m] == [
        e for e, m in zip(expected, mixed, strict=True) if not m
    ]


@given(st.lists(wild, max_size=5))
def test_normal_form_is_folded_words_with_one_space_between(texts):
    once = normal_form(pl.Series(texts, dtype=pl.String))
    assert once.str.contains(r"^ | $|  |\n|\x00").sum() == 0
    assert all(form.casefold() == form for form in once)
    assert len(once) == len(texts)


@given(st.lists(wild, min_size=1, max_size=4))
def test_each_text_stands_for_itself(texts):
    together = text_print(pl.Series(texts)).to_list()
    assert together == [text_print(pl.Series([text])).item() for text in texts]


@given(st.lists(plain, max_size=5))
def test_print_is_the_hash_of_the_form_without_spaces(texts):
    forms = normal_form(pl.Series(texts, dtype=pl.String)).to_list()
    expected = [oracle.murmur64a(oracle.squeeze(form).encode(), 0x5EED) for form in forms]
    assert text_print(pl.Series(texts, dtype=pl.String)).to_list() == expected


@given(st.binary(max_size=40), st.integers(0, 2**63))
def test_hash_is_the_published_one(data, seed):
    offsets = np.array([0, len(data)], np.int64)
    assert hash_texts(np.frombuffer(data, np.uint8), offsets, np.uint64(seed))[0] == oracle.murmur64a(data, seed)


words = st.text(alphabet="abcdeسلام今日", max_size=40)


@given(st.lists(words, min_size=2, max_size=2))
def test_comparison_agrees_with_its_twin(texts):
    data, offsets = to_bytes(pl.Series(texts))
    got = compare_pairs(data, offsets, np.array([0]), np.array([1]))[0]
    a, b = (oracle.shingles(text, 4) for text in texts)
    if len(a) == len(b):  # either text may count as the smaller one
        assert tuple(got) in {oracle.compare(*texts), oracle.compare(*texts[::-1])}
    else:
        assert tuple(got) == oracle.compare(*texts)


@given(words)
def test_sketch_keeps_the_smallest_shingles(text):
    data, offsets = to_bytes(pl.Series([text]))
    small, sizes, weights = sketch_texts(data, offsets, 4)
    full, n_all, _ = sketch_texts(data, offsets, 100)
    assert n_all[0] == len(set(oracle.shingles(text, 5)))
    assert sizes[0] == min(4, n_all[0])
    assert small[0, : sizes[0]].tolist() == full[0, : sizes[0]].tolist()
    assert sorted(full[0, : n_all[0]]) == full[0, : n_all[0]].tolist()
    assert weights[0] == sum(map(oracle.weight, text))


@given(st.lists(st.integers(0, 4), max_size=12), st.lists(st.integers(0, 4), max_size=12))
def test_alignment_is_a_longest_common_subsequence(a, b):
    places = align_words(np.array(a, np.int32), np.array(b, np.int32))
    hit = [(i, p) for i, p in enumerate(places) if p >= 0]
    assert all(a[i] == b[p] for i, p in hit)
    assert [p for _, p in hit] == sorted({p for _, p in hit})
    assert len(hit) == oracle.longest_common_words(a, b)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_clusters_do_not_depend_on_order_threads_or_kept_signatures(seed, threads):
    posts = pair_posts(make_pairs("fa", n_per_kind=2, seed=seed), apart_h=3.0)
    expected = cluster_texts(posts, threads=1)
    shuffled = posts.sample(fraction=1.0, shuffle=True, seed=seed)
    assert cluster_texts(shuffled, threads=threads).equals(expected)
    kept = sign_texts(shuffled.head(len(posts) // 2))
    assert cluster_texts(posts, signatures=kept).equals(expected)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_an_exact_copy_changes_no_other_cluster(seed):
    posts = pair_posts(make_pairs("ar", n_per_kind=2, seed=seed), apart_h=3.0)
    before = cluster_texts(posts)
    copy = posts.head(1).with_columns(
        post_id=pl.lit("zz-copy"), created_at=pl.col("created_at") + pl.duration(minutes=1)
    )
    after = cluster_texts(pl.concat([posts, copy]))
    assert after.filter(pl.col("post_id") != "zz-copy").equals(before)
    copied = after.filter(pl.col("post_id").is_in(["zz-copy", copy_of := posts["post_id"][0]]))
    assert copied["text_id"].n_unique() == 1, copy_of


@settings(max_examples=25)
@given(st.lists(wild, max_size=8))
def test_any_text_is_survived_and_none_doubled(texts):
    start = datetime(2024, 1, 1, tzinfo=UTC)
    posts = pl.DataFrame(
        {
            "post_id": [str(i) for i in range(len(texts))],
            "text": texts,
            "created_at": [start + timedelta(seconds=i) for i in range(len(texts))],
        },
        schema={"post_id": pl.String, "text": pl.String, "created_at": pl.Datetime("us", "UTC")},
    )
    found = cluster_texts(posts, min_chars=1)
    assert found["post_id"].is_unique().all()
    assert found["similarity"].is_between(0.0, 1.0).all()


@given(
    st.lists(
        st.lists(st.sampled_from(["park", "کتاب", "today", "😀", "今日", "on", "می‌شود"]), min_size=1, max_size=7).map(
            " ".join
        ),
        min_size=1,
        max_size=2,
    )
)
def test_template_of_two_reads_as_either(texts):
    # two texts that begin and end alike: every word of the skeleton stands in both
    texts = [f"first {text} last" for text in texts]
    parts = template(texts)
    assert all(set(part) in ({"text"}, {"slot"}) for part in parts)
    for text in dict.fromkeys(texts):
        chosen = iter(variant_of(text, parts))
        filled = "".join(
            part["text"] if "text" in part else " " + part["slot"][c] + " " if (c := next(chosen)) >= 0 else "?"
            for part in parts
        )
        if "?" not in filled:
            assert squeezed_form(pl.Series([filled])).item() == squeezed_form(pl.Series([text])).item()
