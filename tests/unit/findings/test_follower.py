"""Narratives followed in pieces, kept between runs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.config import NarrativeConfig
from dideban.errors import StoreError
from dideban.findings.narratives import Follower
from dideban.findings.narratives.checkpoint import read_state
from dideban.findings.narratives.incremental import CURRENT, MEMBERS, members_path
from dideban.simulate.stories import Stories, make_stories
from unit.findings.test_narratives import agreement, posts_of

CONFIG = NarrativeConfig()
SAID = "The library on Mill Street opens again on Monday with longer evening hours for all readers."


@pytest.fixture(scope="module")
def stories() -> Stories:
    return make_stories(seed=5, n_posts=3_000, n_stories=24, days=7)


def follow(posts: pl.DataFrame, cuts: list[int], *, through: Path | None = None) -> Follower:
    """Take posts in in pieces; through files and back after each piece where told to."""
    follower = Follower(CONFIG)
    for start, stop in zip([0, *cuts], [*cuts, posts.height], strict=True):
        follower.take_in(posts.slice(start, stop - start))
        if through is not None:
            follower.save(through)
            loaded = Follower.load(through, CONFIG)
            assert loaded is not None
            follower = loaded
    return follower


def state_of(follower: Follower) -> dict[str, list[tuple[object, ...]]]:
    """Return the tables that would be kept."""
    with TemporaryDirectory() as folder:
        follower.tracker.save(Path(folder) / "t.zip")
        tables = read_state(Path(folder) / "t.zip", config=CONFIG).tables
    return {name: frame.rows() for name, frame in tables.items()}


def table(follower: Follower) -> list[tuple[object, ...]]:
    return follower.members.sort("platform", "post_id").rows()


@pytest.mark.slow
@settings(max_examples=4, deadline=None)
@given(cuts=st.lists(st.integers(1, 799), min_size=1, max_size=4, unique=True))
def test_to_save_and_load_changes_nothing(
    stories: Stories, tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    folder, posts = tmp_path_factory.mktemp("kept"), stories.posts.head(800)
    whole, kept = follow(posts, sorted(cuts)), follow(posts, sorted(cuts), through=folder)
    assert table(kept) == table(whole)
    assert state_of(kept) == state_of(whole)


@pytest.mark.slow
def test_pieces_tell_events_apart_nearly_as_well_as_the_whole(stories: Stories) -> None:
    truth = stories.truth.drop_nulls()
    for cuts in ([], list(range(50, 3_000, 50))):
        members = follow(stories.posts, cuts).members.drop_nulls("narrative")
        sizes = members.group_by("narrative").len().filter(pl.col("len") >= 10)
        told = members.join(sizes, on="narrative").join(truth, on="post_id").rename({"narrative": "narrative_id"})
        information, purity = agreement(told)
        assert information > 0.75
        assert purity > 0.8
        assert told.height > 0.7 * truth.height


@pytest.mark.slow
def test_the_order_of_rows_in_a_piece_changes_nothing(stories: Stories) -> None:
    mixed = pl.concat([stories.posts.slice(i, 1_000).sample(1_000, shuffle=True, seed=3) for i in (0, 1_000, 2_000)])
    assert table(follow(mixed, [1_000, 2_000])) == table(follow(stories.posts, [1_000, 2_000]))


def test_only_what_is_new_is_read(stories: Stories) -> None:
    follower = follow(stories.posts.head(1_000), [])
    assert follower.members.columns == list(MEMBERS)
    assert follower.members.height == 1_000
    unread = follower.unread(stories.posts.lazy().select("platform", "post_id", "created_at"))
    assert unread["post_id"].sort().to_list() == stories.posts.slice(1_000)["post_id"].sort().to_list()


def test_a_text_that_comes_again_is_in_its_narrative_and_so_is_a_repost_without_text() -> None:
    posts = posts_of(
        [*({"text": SAID} for _ in range(3)), {"text": SAID}, {"repost_of": "p001"}, {"text": "too short"}]
    )
    follower = follow(posts, [3, 5])
    numbers = dict(follower.members.select("post_id", "narrative").iter_rows())
    assert len({numbers[f"p{i:03d}"] for i in range(5)}) == 1
    assert numbers["p005"] is None
    assert not follower.unread(posts.lazy()).height


def test_posts_that_come_late_go_into_the_narrative_of_their_time() -> None:
    posts = posts_of([{"text": SAID} for _ in range(8)])
    late = posts.slice(0, 1).with_columns(pl.col("created_at") - timedelta(days=9), post_id=pl.lit("late"))
    follower = follow(pl.concat([posts, late]), [8])
    assert follower.members["narrative"].n_unique() == 1


def test_what_is_forgotten_is_nowhere(tmp_path: Path) -> None:
    other = "Trams stop running at midnight until the new rails are laid down along the whole of Harbour Street."
    page = ["https://mine.example/shop"]
    posts = posts_of(
        [{"text": SAID, "account_id": "a1"}, {"text": SAID}, *({"text": f"{other} {i}", "account_id": "a1", "urls": page} for i in range(4))]
    )  # fmt: skip
    follower = follow(posts, [])
    assert follower.forget(["a1"]) == 5
    follower.save(tmp_path)
    state = state_of(follower)
    assert follower.members["post_id"].to_list() == ["p001"]
    assert len(state["texts"]) == len(state["alive"]) == 1
    assert len({number for number, *_ in state["centres"]}) == 1
    assert state["own_pages"] == []
    assert state["pages"] == []
    assert not any(b"a1" in path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file())


def test_posts_out_of_reach_are_forgotten_and_the_rest_goes_on(stories: Stories) -> None:
    follower = follow(stories.posts.head(2_000), [])
    late = stories.posts.slice(1_000, 1_000).lazy()
    before = len(state_of(follower)["texts"])
    assert follower.keep(late) == 1_000
    assert len(state_of(follower)["texts"]) < before
    follower.take_in(stories.posts.slice(2_000))
    assert follower.members.height == 2_000
    assert follower.keep(stories.posts.lazy()) == 0


@pytest.mark.parametrize("harm", ["cut", "gone", "pointer", "bytes", "settings"])
def test_what_is_damaged_or_of_other_settings_is_not_taken_up(tmp_path: Path, harm: str) -> None:
    follow(posts_of([{"text": SAID}] * 4), [], through=tmp_path)
    path = members_path(tmp_path)
    assert path is not None
    data = path.read_bytes()
    match harm:
        case "cut":
            path.write_bytes(data[: len(data) // 2])
        case "gone":
            path.with_name("tracker.zip").unlink()
        case "pointer":
            (tmp_path / CURRENT).write_text('{"state": "state-../../x"}')
        case "bytes":
            path.write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])
    config = NarrativeConfig(half_life_d=3) if harm == "settings" else CONFIG
    assert Follower.load(tmp_path, config) is None
    assert Follower.load(tmp_path / "nothing", CONFIG) is None


def test_an_interrupted_save_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    follower = follow(posts_of([{"text": SAID}] * 4), [], through=tmp_path)
    before = table(follower)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    follower.take_in(posts_of([{"text": SAID, "post_id": "more"}]))
    monkeypatch.setattr("dideban.findings.narratives.incremental._write", full)
    with pytest.raises(StoreError, match="disk is full"):
        follower.save(tmp_path)
    again = Follower.load(tmp_path, CONFIG)
    assert again is not None
    assert table(again) == before
    monkeypatch.undo()
    for _ in range(4):
        follower.save(tmp_path)
    assert len(list(tmp_path.glob("state-*"))) == 2
