from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.config import NarrativeConfig
from dideban.errors import ConfigError
from dideban.findings.narratives import Narratives, Tracker, make_narratives
from dideban.findings.narratives.boilerplate import Boilerplate, OwnPages
from dideban.findings.narratives.builder import timeline_of
from dideban.findings.narratives.read import read_messages
from dideban.findings.narratives.terms import find_terms
from dideban.schema import POSTS
from dideban.simulate.stories import Stories, make_stories

START = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def stories() -> Stories:
    return make_stories(seed=5, n_posts=4_000, n_stories=24, days=7)


@pytest.fixture(scope="module")
def found(stories: Stories) -> Narratives:
    return make_narratives(stories.posts.lazy())


def posts_of(rows: Sequence[dict[str, object]]) -> pl.DataFrame:
    """POSTS from a few fields; an hour apart, one account each, unless said."""
    full = [
        {
            "post_id": f"p{i:03d}", "account_id": f"a{i:03d}", "platform": "x", "source": "test", "lang": None, "place": None,
            "created_at": START + timedelta(hours=i), "text": None, "urls": [], "hashtags": [], "mentions": [],
            "media": [], "repost_of": None, "reply_to": None, "quote_of": None, "reach": None,
        } | dict(row)
        for i, row in enumerate(rows)
    ]  # fmt: skip
    return POSTS.check(pl.DataFrame(full, schema=POSTS.dtypes))


def entropy(counts: np.ndarray) -> float:
    shares = counts / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def agreement(table: pl.DataFrame) -> tuple[float, float]:
    """Normalised mutual information and purity of ``narrative_id`` against ``story``."""
    both = table.group_by("narrative_id", "story").len()
    ours, truth = (table.group_by(name).len()["len"].to_numpy() for name in ("narrative_id", "story"))
    h_ours, h_truth, h_both = entropy(ours), entropy(truth), entropy(both["len"].to_numpy())
    purity = both.group_by("narrative_id").agg(pl.col("len").max())["len"].sum() / table.height
    return 2 * (h_ours + h_truth - h_both) / (h_ours + h_truth), purity


def test_events_are_told_apart(stories: Stories, found: Narratives) -> None:
    truth = stories.truth.with_columns(post_id="sample/" + pl.col("post_id")).drop_nulls()
    table = found.posts.join(truth, on="post_id")
    assert table.height > 0.75 * truth.height
    information, purity = agreement(table)
    assert information > 0.8
    assert purity > 0.85


def test_counts_agree(stories: Stories, found: Narratives) -> None:
    assert found.n_posts == stories.posts.height
    assert found.n_listed_posts == found.posts.height == sum(item.n_posts for item in found.items)
    assert sum(found.totals) == found.n_with_text
    sizes = [item.n_posts for item in found.items]
    assert sizes == sorted(sizes, reverse=True)
    for item in found.items:
        mine = found.posts.filter(pl.col("narrative_id") == item.id)
        assert (mine.height, mine["text_id"].n_unique()) == (item.n_posts, item.n_texts)
        assert sum(item.counts) == item.n_posts
        assert item.counts[0] > 0 < item.counts[-1]
        assert sum(item.languages.values()) <= item.n_posts
        assert item.first_seen <= item.last_seen
        assert item.n_posts >= 10
        assert item.n_accounts >= 3


def test_the_largest_event_bursts_when_it_happens(stories: Stories, found: Narratives) -> None:
    truth = stories.truth.with_columns(post_id="sample/" + pl.col("post_id"))
    for item in found.items[:3]:
        mine = found.posts.filter(pl.col("narrative_id") == item.id).join(truth, on="post_id")
        if mine["story"].drop_nulls().len() < 0.8 * mine.height:
            continue
        assert item.bursts
        burst = max(item.bursts, key=lambda b: b.weight)
        assert burst.n_posts > 0.4 * item.n_posts
        assert burst.share > 2 * burst.usual_share


def test_order_of_rows_and_threads_change_nothing(stories: Stories, found: Narratives) -> None:
    mixed = stories.posts.sample(fraction=1.0, shuffle=True, seed=9)
    again = make_narratives(mixed.lazy(), threads=1)
    assert again.to_dict() == found.to_dict()
    assert again.posts.equals(found.posts)


def test_posts_to_come_never_change_what_was_said(stories: Stories) -> None:
    messages = read_messages(stories.posts.lazy())
    batches = messages.posts.group_by(pl.col("at_us") // 21_600_000_000, maintain_order=True)
    tracker, seen = Tracker(NarrativeConfig()), []
    early: list[tuple[int, int]] = []
    for number, ((slot,), batch) in enumerate(batches):
        texts = batch.group_by("text_id", maintain_order=True).agg(n_posts=pl.len().cast(pl.Int64))
        texts = texts.join(messages.texts.select("text_id", "text"), on="text_id", maintain_order="left")
        pages = batch.select("name", "text_id", "account_id").join(messages.links, on="name").drop("name")
        tracker.update(texts, pages, until_us=(slot + 1) * 21_600_000_000)
        if number == 9:
            seen = messages.texts.filter(pl.col("text_id").is_in(batch["text_id"].implode()))["text_id"].to_list()
            early = tracker.numbers_given(seen)
    late = tracker.numbers_given(seen)
    assert [given for given, _ in early] == [given for given, _ in late]
    assert all(root <= before for (_, root), (_, before) in zip(late, early, strict=True))
    together = {}
    for (_, before), (_, after) in zip(early, late, strict=True):
        assert together.setdefault(before, after) == after  # joined, never taken apart


def test_a_reworded_text_and_its_copies_are_one_narrative() -> None:
    one = "The new bridge at Alder Street is closed until Monday after cracks were found in its northern pillar."
    other = "Cracks in the northern pillar: the bridge at Alder Street stays closed for traffic until Monday."
    rows = [{"text": one if i % 2 else other} for i in range(12)]
    found = make_narratives(posts_of(rows).lazy(), config=NarrativeConfig(batch_posts=1))
    assert [item.n_posts for item in found.items] == [12]
    assert {"northern", "pillar", "bridge"} & set(found.items[0].terms)


def test_reposts_without_text_count_as_what_they_repost() -> None:
    said = "The library on Mill Street opens again on Monday with longer evening hours for all readers."
    rows = [{"text": said}, *({"repost_of": "p000"} for _ in range(9))]
    found = make_narratives(posts_of(rows).lazy())
    assert [item.n_posts for item in found.items] == [10]
    assert found.items[0].n_texts == 1


def test_shared_pages_tie_what_words_do_not() -> None:
    english = "The council voted on Tuesday evening to keep the old swimming pool on Harbour Street open."
    persian = "شورای شهر سه‌شنبه شب رأی داد که استخر قدیمی خیابان بندر برای همیشه باز بماند و تعمیر شود."
    page = ["https://news.example/pool/7"]
    rows = [{"text": text, "urls": page} for _ in range(6) for text in (english, persian)]
    tied = make_narratives(posts_of(rows).lazy())
    assert [item.n_posts for item in tied.items] == [12]
    bare = make_narratives(posts_of([{**row, "urls": []} for row in rows]).lazy(), config=NarrativeConfig(min_posts=5))
    assert [item.n_posts for item in bare.items] == [6, 6]
    assert set(tied.items[0].languages) == {"en", "fa"}
    assert tied.items[0].sources == {"news.example": 12}


class Translator:
    """Knows two languages: the vector says which of two things a text tells of."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return np.array([[1, 0] if "pool" in text or "استخر" in text else [0, 1] for text in texts], np.float32)


def test_an_embedder_ties_languages_and_is_asked_once_per_message() -> None:
    pool = (
        "The council voted on Tuesday evening to keep the old swimming pool open.",
        "شورا رأی داد که استخر قدیمی شهر باز بماند و تعمیر شود.",
    )
    tram = (
        "Trams stop running at midnight until the new rails are laid down.",
        "ترامواها تا پایان کار ریل‌گذاری تازه نیمه‌شب می‌ایستند و برنمی‌گردند.",
    )
    rows = [{"text": text} for _ in range(6) for text in (*pool, *tram)]
    translator = Translator()
    found = make_narratives(posts_of(rows).lazy(), embedder=translator, config=NarrativeConfig(batch_posts=1))
    assert [item.n_posts for item in found.items] == [12, 12]
    assert len(translator.asked) == 4
    again = make_narratives(posts_of(rows).lazy(), embedder=Translator(), config=NarrativeConfig(batch_posts=1))
    assert again.to_dict() == found.to_dict()


def test_an_embedder_that_returns_nonsense_is_refused() -> None:
    class Broken:
        def embed(self, texts: Sequence[str]) -> np.ndarray:
            return np.full((len(texts), 2), np.nan, np.float32)

    rows = [{"text": "The council voted on Tuesday evening to keep the old swimming pool open."}] * 3
    with pytest.raises(ValueError, match="embedder"):
        make_narratives(posts_of(rows).lazy(), embedder=Broken())


def test_share_from_proved_groups() -> None:
    said = "The library on Mill Street opens again on Monday with longer evening hours for all readers."
    posts = posts_of([{"text": said}] * 10)
    found = make_narratives(posts.lazy(), proved={"a001": "f1", "a002": "f1", "a003": "f2", "zz": "f9"})
    assert (found.items[0].n_proved_posts, found.items[0].proved) == (3, {"f1": 2, "f2": 1})
    assert make_narratives(posts.lazy()).items[0].n_proved_posts is None
    strange = make_narratives(posts.lazy(), proved={"zz": "f9"})
    assert strange.items[0].n_proved_posts == 0
    assert any("another key" in str(note) for note in strange.notes)


def test_one_account_alone_is_no_narrative() -> None:
    said = "The library on Mill Street opens again on Monday with longer evening hours for all readers."
    rows = [{"text": f"{said} {i}", "account_id": "one"} for i in range(20)]
    assert make_narratives(posts_of(rows).lazy()).items == []


def test_signatures_do_not_tie_messages() -> None:
    tail = "\n\nAlder Herald brings you all the news of the valley"
    bodies = ("Trams stop at midnight until rails are laid on the ring road.", "The choir sings on Sunday in the old tannery by the river.",
              "Rice is sold by the kilo again at the market near the quay.", "A hailstorm broke windows in the school of Marrowby at noon.")  # fmt: skip
    rows = [
        {"text": f"{body} Number {i} of the series.{tail}", "account_id": f"a{i % 5}"}
        for i in range(16)
        for body in bodies
    ]
    found = make_narratives(posts_of(rows).lazy(), config=NarrativeConfig(min_posts=5, batch_posts=1))
    assert all(item.n_posts <= 16 for item in found.items)


@pytest.mark.parametrize(
    "text",
    ["", "x", "a" * 5_000, "\x00\x00 nothing \x00", "&amp;amp;amp; &lt;b&gt;" * 20, "\u202e" * 60, "Z̷̡̛͎͉̼͐" * 60, "🙂" * 200, "the " * 20_000],
    ids=["empty", "letter", "one-letter", "nul", "entities", "override", "zalgo", "emoji", "long"],
)  # fmt: skip
def test_strange_texts_do_no_harm(text: str) -> None:
    said = "The library on Mill Street opens again on Monday with longer evening hours for all readers."
    rows = [{"text": text}] * 12 + [{"text": said}] * 12
    found = make_narratives(posts_of(rows).lazy())
    assert any(item.n_posts == 12 and "library" in item.quotes[0].text for item in found.items)


def test_no_posts() -> None:
    found = make_narratives(POSTS.empty().lazy())
    assert (found.items, found.totals, found.n_posts, found.start) == ([], [], 0, "")


def test_lines_of_many_messages_are_boilerplate() -> None:
    learned = Boilerplate()
    texts = pl.Series([f"Message {i} about another thing\nFollow the valley desk today" for i in range(12)])
    stripped = learned.strip(texts)
    assert stripped[11] == "Message 11 about another thing"
    assert learned.strip(pl.Series(["Follow the valley desk today"])).to_list() == ["Follow the valley desk today"]
    assert learned.strip(pl.Series([None, ""])).to_list() == [None, ""]


def test_a_page_linked_again_and_again_by_one_account_is_its_own() -> None:
    own = OwnPages()
    links = pl.DataFrame(
        {"text_id": ["t1", "t2", "t3", "t4"], "page": ["https://a.example/join"] * 3 + ["https://a.example/story"],
         "account_id": ["one"] * 3 + ["two"]}
    )  # fmt: skip
    assert own.drop(links).rows() == [("t4", "https://a.example/story")]


def test_terms_tell_a_narrative_from_the_rest() -> None:
    rest = [f"The weather in the valley was number {i} today and everybody talked about it" for i in range(50)]
    mine = [f"The bridge of Alder was closed today, number {i}, say engineers" for i in range(8)]
    texts = pl.DataFrame({"narrative": ["n1"] * 8, "text": mine, "n_posts": [1] * 8})
    terms = find_terms(texts, background=pl.Series([*rest, *mine]))["term"].to_list()
    assert {"bridge", "Alder", "engineers"} <= set(terms)
    assert "valley" not in terms
    assert "today" not in terms[:3]


def test_one_word_of_a_stem_is_a_term() -> None:
    mine = [f"bridges bridge bridging engineers {i}" for i in range(6)]
    texts = pl.DataFrame({"narrative": ["n1"] * 6, "text": mine, "n_posts": [1] * 6})
    terms = find_terms(texts, background=pl.Series([*mine, *["quite another text"] * 40]))["term"].to_list()
    assert sum(term.startswith("bridg") for term in terms) == 1


@settings(max_examples=60, deadline=None)
@given(times=st.lists(st.integers(0, 10**15), min_size=1, max_size=30))
def test_a_timeline_holds_every_post_in_few_bins(times: list[int]) -> None:
    start, step_s, n_bins = timeline_of(pl.Series(times))
    assert start % (step_s * 1_000_000) == 0
    bins = [(at - start) // (step_s * 1_000_000) for at in times]
    assert min(bins) == 0
    assert max(bins) == n_bins - 1
    assert n_bins <= 400 or step_s == 2_592_000


@pytest.mark.parametrize(
    ("name", "value"), [("batch_h", 0), ("half_life_d", -1.0), ("min_accounts", 2), ("resolution", 5.0)]
)
def test_settings_that_make_no_sense_are_refused(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=name):
        NarrativeConfig(**{name: value})


def test_ids_are_named_after_the_first_text(found: Narratives) -> None:
    for item in found.items:
        first = found.posts.filter(pl.col("narrative_id") == item.id)["text_id"].to_list()
        assert item.id == f"n{item.id[1:]}"
        assert "t" + item.id[1:] in first
        assert item.id not in item.joined


def test_stories_are_what_they_say() -> None:
    one = make_stories(seed=2, n_posts=500, n_stories=9)
    assert one.posts.equals(make_stories(seed=2, n_posts=500, n_stories=9).posts)
    assert one.posts.height == 500 == one.truth.height
    assert 0.3 < one.truth["story"].null_count() / 500 < 0.7
    assert one.truth["story"].n_unique() <= 10
    assert set(one.posts["lang"]) == {"fa", "ar", "en"}
    for wrong in ({"n_posts": 0}, {"n_stories": 0}, {"days": 0}):
        with pytest.raises(ConfigError):
            make_stories(**{"seed": 1, "n_posts": 10, **wrong})
