"""What rooms that lie together can claim, and what it costs to allow for them: the table of ``docs/methods/joint.md``.

``python benchmarks/joint_liars.py 20 > rows.ndjson``: twenty seeds, about twenty seconds of processor time each.
``python benchmarks/joint_liars.py rows.ndjson > docs/images/joint-liars.svg``: the figure.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson

from dideban.joint.claims import HeardGroup, claim_jointly
from dideban.joint.rehearsal import hear_all, lying
from dideban.joint.view import Cutting, look
from dideban.simulate import Plant, make_stream, split_stream

N_ROOMS, MOST = 5, 20
OPERATIONS = (2, 3, 4)
"""Of each plant in each room."""
FDR, FIRST_SEED = 0.05, 7_001


def rehearse(seed: int) -> tuple[list[HeardGroup], list[set[str]]]:
    """Return what rooms say about each other's proposals, and the members of each plant."""
    plants = [
        Plant(n_accounts=8, n_operations=n * N_ROOMS, jitter_s=30.0, others=40, participation=0.95) for n in OPERATIONS
    ]
    stream = make_stream(seed=seed, n_accounts=1_500, n_shares=26_000, crowds=(), plants=plants)
    parts = split_stream(stream, n_rooms=N_ROOMS, overlap=0.0, seed=seed)
    views = {
        f"room {i}": look(p.traces, objects=p.objects, moments=p.moments, cutting=Cutting(seed=seed))
        for i, p in enumerate(parts)
    }
    truth = stream.truth.filter(kind="plant").group_by("group", maintain_order=True).agg("account_id")
    return hear_all(views, most=MOST), [set(one) for one in truth["account_id"].to_list()]


def figures(heard: list[HeardGroup], plants: list[set[str]], *, n_liars: int, allowed: int) -> dict[str, object]:
    """Return which plants are found, and how many innocent accounts and groups are named, where rooms lie."""
    said = lying(heard, rooms=[f"room {i}" for i in range(n_liars)])
    claims = claim_jointly(said, fdr=FDR, n_rooms=N_ROOMS, liars=allowed)
    planted = set().union(*plants)
    found = [any(len(plant & set(one.named)) >= 3 for one in claims) for plant in plants]
    wrong = [one for one in claims if not planted & set(one.named)]
    return {
        "liars": n_liars, "allowed": allowed, "found": found, "claims": len(claims), "innocent_groups": len(wrong),
        "innocent_accounts": len({name for one in claims for name in one.named} - planted),
    }  # fmt: skip


def draw(rows: list[dict[str, Any]]) -> str:
    """Return the figure: innocent accounts that are named, by rooms that lie and rooms allowed for."""
    total = {(r["liars"], r["allowed"]): 0 for r in rows}
    for r in rows:
        total[r["liars"], r["allowed"]] += r["innocent_accounts"]
    most, parts = max(1, *total.values()), []
    for (n_liars, allowed), n in sorted(total.items()):
        x, height = 60 + 110 * n_liars + 44 * (allowed - 1), round(150 * n / most)
        fill = "#1f4e8c" if allowed == 1 else "#c98a1b"
        parts += [
            f'<rect x="{x}" y="{190 - height}" width="38" height="{max(height, 1)}" fill="{fill}"/>',
            f'<text x="{x + 19}" y="{182 - height}" text-anchor="middle">{n}</text>',
        ]
    parts += [f'<text x="{101 + 110 * n}" y="210" text-anchor="middle">{n} lie</text>' for n in range(4)]
    for x, fill, text in ((60, "#1f4e8c", "one allowed for"), (200, "#c98a1b", "two allowed for")):
        parts.append(f'<rect x="{x}" y="222" width="10" height="10" fill="{fill}"/>')
        parts.append(f'<text x="{x + 16}" y="231">{text}</text>')
    parts.append('<text x="60" y="18">Innocent accounts named, five rooms</text>')
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 520 245" font-family="sans-serif" font-size="12">'
    return head + '<rect width="520" height="245" fill="#fff"/>' + "".join(parts) + "</svg>\n"


def main() -> None:
    """Print a line for each seed, number of liars and number allowed for; or the figure of such lines."""
    if not sys.argv[1].isdigit():
        sys.stdout.write(draw([orjson.loads(line) for line in Path(sys.argv[1]).read_bytes().splitlines()]))
        return
    for seed in range(FIRST_SEED, 7_001 + int(sys.argv[1])):
        heard, plants = rehearse(seed)
        for n_liars in range(4):
            for allowed in (1, 2):
                row = figures(heard, plants, n_liars=n_liars, allowed=allowed)
                print(orjson.dumps({"seed": seed, **row}).decode(), flush=True)


if __name__ == "__main__":
    main()
