"""Realistic multilingual posts with known truth, in memory or written to a file of any length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import numpy as np
import polars as pl

from dideban.atomic import publish, scratch_folder
from dideban.errors import ConfigError, StoreError
from dideban.messages import Message, cause_of
from dideban.progress import SILENT, Progress
from dideban.schema import POSTS
from dideban.simulate.campaigns import Campaign, default_campaigns
from dideban.simulate.model import require
from dideban.simulate.planning import Plan, make_plan
from dideban.simulate.rendering import CHUNK_ROWS, Renderer, make_renderer
from dideban.simulate.vocabulary import VOCABULARIES

Format = Literal["csv", "ndjson", "parquet"]
FORMATS = ("csv", "ndjson", "parquet")
MOST_POSTS = 15_000_000
MOST_WHOLE = 2_000_000
"""A sample with more posts is only written to files, chunk by chunk."""

DEFAULT: Sequence[Campaign] | None = None
"""Campaigns that suit the size of the sample (:func:`dideban.simulate.campaigns.default_campaigns`)."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Posts with raw handles as account ids, what was planted in them, and a summary in plain words.

    ``truth`` has columns group, account_id, kind, language, is_plant. Groups of kind ``feed``, ``wire`` and
    ``announced`` are no campaigns: they follow a common trigger for an ordinary reason.
    """

    posts: pl.DataFrame
    truth: pl.DataFrame
    notes: list[Message]


def make_sample(
    *,
    seed: int,
    n_posts: int,
    days: float = 14,
    languages: Sequence[str] = ("fa", "ar", "en"),
    plants: Sequence[Campaign] | None = DEFAULT,
) -> Sample:
    """Make a sample in memory.

    Parameters
    ----------
    seed : int, >= 0
        Same arguments, same bytes.
    n_posts : count, 1 to 2,000,000
        Posts, exactly.
    days : days, > 0
        Length, from Monday 2 March 2026, 00:00 UTC.
    languages : BCP 47 codes
        From ``fa``, ``ar``, ``en``.
    plants : Campaign
        Campaigns to plant; None = those that suit the size, () = none.

    Raises
    ------
    ConfigError
        An argument is out of range or the campaigns do not fit.
    """
    require(n_posts <= MOST_WHOLE, "n_posts", n_posts, "in-memory", most=MOST_WHOLE)
    renderer, campaigns = _prepare(seed=seed, n_posts=n_posts, days=days, languages=languages, plants=plants)
    posts = pl.concat([POSTS.empty(), *_chunks(renderer)])
    truth = _truth(renderer, campaigns)
    return Sample(posts=posts, truth=truth, notes=_notes(renderer.plan, campaigns, truth))


def write_sample(
    path: Path,
    *,
    seed: int,
    n_posts: int,
    format: Format = "csv",
    days: float = 14,
    languages: Sequence[str] = ("fa", "ar", "en"),
    plants: Sequence[Campaign] | None = DEFAULT,
    progress: Progress = SILENT,
) -> list[Message]:
    """Write a sample to ``path`` and its truth to ``truth.csv`` beside it; return the summary.

    Lists are joined by spaces in CSV. Both files appear whole or not at all. Memory grows by about 100 bytes per post.

    Parameters
    ----------
    path : path
        File of the posts.
    seed, n_posts, days, languages, plants
        As in :func:`make_sample`.
    format : "csv", "ndjson" or "parquet"
    progress : Progress
        Reports posts written.

    Raises
    ------
    ConfigError
        An argument is out of range.
    StoreError
        The folder cannot be written to.
    """
    require(format in FORMATS, "format", format, "one-of", allowed=list(FORMATS))
    if path.name == "truth.csv":
        raise ConfigError("simulate.truth-name", key="path", value=str(path))
    renderer, campaigns = _prepare(seed=seed, n_posts=n_posts, days=days, languages=languages, plants=plants)
    truth = _truth(renderer, campaigns)
    try:
        with scratch_folder(path.parent, name="sample") as folder:
            _write_posts(folder / "posts", renderer, format=format, progress=progress)
            truth.write_csv(folder / "truth.csv")
            files = {folder / "posts": path, folder / "truth.csv": path.parent / "truth.csv"}
            publish(files, survives="kill")
    except OSError as error:
        raise StoreError("file.not-written", path=str(path), reason=cause_of(error)) from error
    return _notes(renderer.plan, campaigns, truth)


def _prepare(
    *, seed: int, n_posts: int, days: float, languages: Sequence[str], plants: Sequence[Campaign] | None
) -> tuple[Renderer, Sequence[Campaign]]:
    require(seed >= 0, "seed", seed, "at-least", least=0)
    require(1 <= n_posts <= MOST_POSTS, "n_posts", n_posts, "within", least=1, most=MOST_POSTS)
    require(0 < days <= 3650, "days", days, "above-at-most", least=0, most=3650)
    require(
        len(languages) > 0,
        "languages",
        tuple(languages),
        "some-of",
        allowed=list(VOCABULARIES),
    )
    for name in languages:
        require(name in VOCABULARIES, "languages", name, "one-of", allowed=list(VOCABULARIES))
    campaigns = default_campaigns(n_posts, languages) if plants is None else tuple(plants)
    plan = make_plan(
        seed=seed, n_posts=n_posts, days=float(days), languages=tuple(dict.fromkeys(languages)), campaigns=campaigns
    )
    return make_renderer(plan, seed=seed), campaigns


def _chunks(renderer: Renderer) -> Iterator[pl.DataFrame]:
    for start in range(0, len(renderer.plan), CHUNK_ROWS):
        yield renderer.posts(start, min(start + CHUNK_ROWS, len(renderer.plan)))


def _write_posts(path: Path, renderer: Renderer, *, format: Format, progress: Progress) -> None:
    with progress.stage("writing-posts", total=len(renderer.plan), unit="posts") as task:
        if format == "parquet":
            parts: list[Path] = []
            for number, chunk in enumerate(_chunks(renderer)):
                parts.append(path.with_name(f"part-{number:05d}.parquet"))
                chunk.write_parquet(parts[-1], compression="zstd", compression_level=1)
                task.advance(len(chunk))
            pl.scan_parquet(parts).sink_parquet(
                path, compression="zstd", row_group_size=CHUNK_ROWS, maintain_order=True
            )
            return
        with path.open("wb") as file:
            for number, chunk in enumerate(_chunks(renderer)):
                _append(file, chunk, format=format, header=number == 0)
                task.advance(len(chunk))


def _append(file: IO[bytes], chunk: pl.DataFrame, *, format: Format, header: bool) -> None:
    instant = pl.col("created_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    if format == "ndjson":
        chunk.with_columns(instant).drop("source").write_ndjson(file)
        return
    lists = [pl.col(name).list.join(" ") for name in ("urls", "hashtags", "mentions", "media")]
    chunk.with_columns(instant, *lists).drop("source").write_csv(file, include_header=header)


def _truth(renderer: Renderer, campaigns: Sequence[Campaign]) -> pl.DataFrame:
    plan = renderer.plan
    spoken = {p.name: c.language or "mixed" for p, c in zip(plan.planted, campaigns, strict=True)}
    schema = pl.Schema(
        {
            "group": pl.String(),
            "account_id": pl.String(),
            "kind": pl.String(),
            "language": pl.String(),
            "is_plant": pl.Boolean(),
        }
    )
    frames = [pl.DataFrame(schema=schema)]
    for name, kind, members in plan.groups:
        own = plan.world.languages[int(plan.world.language_of(members[:1])[0])] if members.size else "mixed"
        columns = {
            "group": name,
            "account_id": renderer.handles.gather(np.sort(members)),
            "kind": kind,
            "language": spoken.get(name, own),
            "is_plant": name in spoken,
        }
        frames.append(pl.DataFrame(columns, schema=schema))
    return pl.concat(frames)


def _notes(plan: Plan, campaigns: Sequence[Campaign], truth: pl.DataFrame) -> list[Message]:
    size = {"posts": len(plan), "accounts": int(np.unique(plan.account).size), "days": plan.world.days}
    lines = [Message("sample.size", **size, languages=list(plan.world.languages))]
    for planted, campaign in zip(plan.planted, campaigns, strict=True):
        plant = {"n": len(planted.members), "times": campaign.plant.n_operations, "seconds": campaign.plant.jitter_s}
        language = campaign.language or Message("sample.mixed-languages")
        kind = Message(f"planted.kind.{campaign.kind}")
        lines.append(Message("sample.campaign", name=planted.name, **plant, kind=kind, language=language))
    if not campaigns:
        lines.append(Message("sample.no-campaign"))
    ordinary = truth.filter(~pl.col("is_plant")).group_by("kind").agg(pl.col("group").n_unique()).sort("kind")
    kinds = ((Message(f"planted.kind.{kind}"), n) for kind, n in ordinary.iter_rows())
    return [*lines, *(Message("sample.ordinary", n=n, kind=kind) for kind, n in kinds)]
