"""``dideban simulate``: streams of shares with known truth, for measuring a method."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dideban.cli.console import tell, usage_error
from dideban.cli.help import Command, option
from dideban.messages import Message

if TYPE_CHECKING:
    from dideban.simulate import Framing, Plant, Stream


@click.command("simulate", cls=Command)
@click.argument("out", type=click.Path(path_type=Path))
@option("--seed", type=int, default=1, show_default=True)
@option("--accounts", type=int, default=6_000, show_default=True)
@option("--shares", type=int, default=115_000, show_default=True)
@option("--days", type=float, default=14.0, show_default=True)
@option("--crowd", "crowds", multiple=True, metavar="NAME")
@option("--kind", "kinds", multiple=True, metavar="NAME")
@option("--plant", "plants", multiple=True, metavar="AxOxJ:WHERE")
@option("--copies", type=int, default=1, show_default=True)
@option("--adversary", metavar="NAME")
@option("--strength", type=float, default=0.5, show_default=True)
@option("--frame", metavar="AxI:WHO")
@option("--own-posts", type=float, default=0.8, show_default=True)
@option("--responses", metavar="NxR:CHOICE")
@option("--rooms", type=int)
@option("--overlap", type=float, default=0.0, show_default=True)
@option("--quiet", is_flag=True)
def command(
    out: Path,
    *,
    plants: Sequence[str],
    adversary: str | None,
    frame: str | None,
    responses: str | None,
    rooms: int | None,
    overlap: float,
    quiet: bool,
    **options: Any,
) -> None:
    """Simulate shares of ordinary people, difficult crowds and planted campaigns, and write them to OUT (Parquet)."""
    from dideban.cli.overwrite_guard import keep_other_streams
    from dideban.errors import ConfigError
    from dideban.simulate.files import parse_framing, parse_plant, room_file, stream_files, write_stream

    if out.suffix != ".parquet":
        raise ConfigError("simulate.not-parquet", key="out", value=out.name)
    if adversary is not None and len(plants) != 1:
        raise usage_error("cli.usage.adversary-one-plant")
    if frame is not None and plants:
        raise usage_error("cli.usage.frame-or-plant")
    if responses is not None and (plants or frame is not None):
        raise usage_error("cli.usage.responses-alone")
    if responses is not None:
        _bursts(out, responses, seed=options["seed"], days=options["days"], quiet=quiet)
        return
    for path in [out, *(room_file(out, room=room) for room in range(min(rooms or 0, 30)))]:
        keep_other_streams(stream_files(path))
    asked = [parse_plant(text) for text in plants]
    framing = parse_framing(frame) if frame is not None else None
    stream, notes = _simulate(asked, adversary=adversary, framing=framing, **options)
    files = write_stream(out, stream)
    if not quiet:
        names = {what: Message(f"simulate.file-{what}") for what in files}
        written = [Message("simulate.file", name=names[what], path=path) for what, path in files.items()]
        for note in [*_summary(stream), *notes, *written]:
            tell(note)
    if rooms is not None:
        _rooms(out, stream, n_rooms=rooms, overlap=overlap, seed=options["seed"], quiet=quiet)


def _rooms(out: Path, stream: Stream, *, n_rooms: int, overlap: float, seed: int, quiet: bool) -> None:
    """Write the part of the stream that each room sees."""
    from dideban.simulate.files import room_file, write_stream
    from dideban.simulate.rooms import split_stream

    for room, part in enumerate(split_stream(stream, n_rooms=n_rooms, overlap=overlap, seed=seed)):
        path = room_file(out, room=room)
        write_stream(path, part)
        if not quiet:
            tell(Message("simulate.room", number=room + 1, n=len(part.traces), objects=len(part.objects), path=path))


def _bursts(out: Path, spec: str, *, seed: int, days: float, quiet: bool) -> None:
    """Write bursts, the responses to some of them, and what these really did."""
    from io import BytesIO

    from dideban.atomic import write_bytes
    from dideban.cli.console import tell
    from dideban.cli.overwrite_guard import EFFECTS_TRUTH, keep_other_streams
    from dideban.messages import Message
    from dideban.simulate.responses import make_bursts, parse_responses, posts_of, responses_of, truth_of

    asked = parse_responses(spec)
    files = {
        "posts": out,
        "responses": out.with_suffix(".responses.csv"),
        "truth": out.with_suffix(".effects.csv"),
    }
    keep_other_streams(files, head=EFFECTS_TRUTH)
    bursts = make_bursts(asked, seed=seed, days=int(days))
    table = BytesIO()
    posts_of(bursts, seed=seed).write_parquet(table)
    contents = {
        "posts": table.getvalue(),
        "responses": responses_of(bursts, asked).write_csv().encode(),
        "truth": truth_of(bursts, asked).write_csv().encode(),
    }
    for what, path in files.items():
        write_bytes(path, contents[what], survives="kill")
        if not quiet:
            tell(Message("simulate.file", name=Message(f"simulate.file-{what}"), path=path))


def _simulate(
    plants: Sequence[Plant],
    *,
    adversary: str | None,
    framing: Framing | None,
    strength: float,
    copies: int,
    crowds: Sequence[str],
    kinds: Sequence[str],
    seed: int,
    accounts: int,
    shares: int,
    days: float,
    own_posts: float,
) -> tuple[Stream, list[Message]]:
    """Return the stream and what to say about an adversary."""
    from dideban.errors import ConfigError
    from dideban.simulate import ALL_CROWDS, make_adversarial_stream, make_framing_stream, make_stream

    if not 1 <= copies <= 1000:
        raise ConfigError("config.not-within", key="copies", value=copies, least=1, most=1000)
    common: dict[str, Any] = {
        "seed": seed,
        "n_accounts": accounts,
        "n_shares": shares,
        "days": days,
        "crowds": _crowds(crowds) if crowds else ALL_CROWDS,
        "kinds": tuple(kinds) or ("link",),
        "own_posts": own_posts,
    }
    if framing is not None:
        return make_framing_stream(framing, **common), []
    if adversary is None:
        return make_stream(plants=[plant for plant in plants for _ in range(copies)], **common), []
    found = make_adversarial_stream(adversary=adversary, strength=strength, plant=plants[0], copies=copies, **common)
    kept = {"share": round(found.reach_kept, 2), "seconds": found.window_s, "extra": round(found.extra_posts, 1)}
    return found.stream, [Message("simulate.adversary", name=adversary, strength=strength, **kept)]


def _crowds(names: Sequence[str]) -> tuple[str, ...]:
    """Return the crowds that names stand for, each once; a name that is unknown stays, to be refused."""
    from dideban.simulate import CROWD_SETS

    meant = (one for name in names for one in CROWD_SETS.get(name, (name,)))
    return tuple(dict.fromkeys(meant))


def _summary(stream: Stream) -> list[Message]:
    counts = {"accounts": stream.traces["account_id"].n_unique(), "objects": len(stream.objects)}
    lines = [Message("simulate.size", n=len(stream.traces), posts=len(stream.moments), **counts)]
    for kind in stream.truth["kind"].unique().sort():
        mine = stream.truth.filter(kind=kind)
        lines.append(Message("simulate.groups", kind=kind, n=mine["group"].n_unique(), accounts=len(mine)))
    return lines
