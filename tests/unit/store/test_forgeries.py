"""Forged packages: every leaf of the finding, every column of every table, every field of the manifest.

A forger writes what he likes and makes every hash, and the id, fit again. Each change is refused, or is on a list of what
no claim rests on, with the reason.
"""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from dideban import scan
from dideban.config import load_config
from dideban.findings import Finding
from dideban.proof.split import division_seed
from dideban.simulate import write_sample
from dideban.store import read_package, verify_package
from dideban.store.manifest import OPTIONS, OWN_FIELDS, make_manifest
from dideban.store.package import CONTENTS, MANIFEST

IRRELEVANT = {
    "posts": {
        "source": "where the room got a post from; no claim names it",
        "lang": "declared language; no claim names it",
        "place": "declared place; no claim names it",
        "reach": "views; no claim counts them",
        "mentions": "no trace unless a setting says so",
        "quote_of": "no trace",
    },
    "edges": {},
    "clusters": {},
    "others": {"created_at": "a threshold rule compares members with nobody"},
}
"""Columns that may hold anything, and why."""
LEAD_SEED = 7
COLUMN_OF = {"text": "text", "hashtags": "hashtags", "media": "media", "reply_to": "reply"}
"""Columns that one kind of trace is made of: where a group pushed none of the kind, nothing rests on the column."""


@pytest.fixture(scope="session")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a finding by the synchrony test."""
    home = tmp_path_factory.mktemp("proved")
    write_sample(home / "posts.csv", seed=3, n_posts=6_000, days=5)
    config = load_config(flags={"proof.n_shuffles": 0, "proof.leads": False})
    result = scan([home / "posts.csv"], out=home / "out", config=config, key=bytes(32))
    return home / "out" / "findings" / result.findings[0].id


@pytest.fixture(scope="session")
def lead(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a lead."""
    home = tmp_path_factory.mktemp("lead")
    write_sample(home / "posts.csv", seed=LEAD_SEED, n_posts=11_000, days=8)
    config = load_config(flags={"proof.n_shuffles": 0})
    result = scan([home / "posts.csv"], out=home / "out", config=config, key=bytes(32))
    return home / "out" / "findings" / next(one.id for one in result.findings if one.lead)


@pytest.fixture(params=["threshold", "synchrony", "lead"])
def honest(request: pytest.FixtureRequest, world: Any, tmp_path: Path) -> Path:
    """A package that holds, by a rule and by the test."""
    if request.param == "threshold":
        return world.write(tmp_path / world.finding.id)
    return request.getfixturevalue("lead" if request.param == "lead" else "proved")


def rewrite(package: Path, to: Path, *, manifest: dict[str, Any] | None = None, **files: bytes) -> Path:
    """Write the package again with other content, every hash and the id fitting."""
    content = {name: files.get(name.partition(".")[0], (package / name).read_bytes()) for name in CONTENTS}
    held = orjson.loads((package / MANIFEST).read_bytes()) if manifest is None else manifest
    finding = orjson.loads(content["finding.json"]).get("finding")
    try:
        name = Finding.from_dict(finding).id
    except (KeyError, TypeError, AttributeError):
        name = held["finding_id"]
    if isinstance(finding, dict) and "finding" in files:
        document = orjson.loads(content["finding.json"])
        document["finding"]["id"] = name if finding.get("id") == held["finding_id"] else finding.get("id")
        content["finding.json"] = orjson.dumps(document, option=OPTIONS)
    extra = {key: value for key, value in held.items() if key not in OWN_FIELDS}
    to.mkdir(exist_ok=True)
    for file, data in content.items():
        (to / file).write_bytes(data)
    (to / MANIFEST).write_bytes(make_manifest(name, files=content, extra=extra))
    return to


def is_refused(package: Path) -> bool:
    from dideban.errors import ExchangeError

    try:
        return not verify_package(package).ok
    except ExchangeError:
        return True


def leaves(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to the leaves of plain data, and to its lists; of long lists the first and the last entry."""
    if isinstance(data, dict):
        return [found for key, value in data.items() for found in leaves(value, (*path, key))]
    if isinstance(data, list):
        some = sorted({0, len(data) - 1}) if data else []
        return [path, *(found for i in some for found in leaves(data[i], (*path, i)))]
    return [path]


def lie_about(value: Any) -> list[Any]:
    """The smallest lies about a value."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1]
    if isinstance(value, float):
        step = float(f"{abs(value) * 1.00001 + 1e-300:.6g}")
        return [float(f"{value * 1.00002 + 1e-300:.6g}") if step == abs(value) else step, 0.5]
    if isinstance(value, str):
        return [value + "x", ""]
    if isinstance(value, list):
        return [value[:-1], [*value, value[-1]]] if value else [["x"]]
    return [1.0, "x"]


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    again = copy.deepcopy(document)
    place = again
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return again


def test_honest_packages_hold_rewritten_too(honest, tmp_path):
    assert not is_refused(honest)
    again = rewrite(honest, tmp_path / "again", finding=(honest / "finding.json").read_bytes())
    assert not is_refused(again)
    assert (again / MANIFEST).read_bytes() == (honest / MANIFEST).read_bytes()


@pytest.mark.slow
def test_every_leaf_of_the_finding(honest, tmp_path):
    document = orjson.loads((honest / "finding.json").read_bytes())
    accepted, n_tried = [], 0
    for path in leaves(document):
        place = document
        for key in path:
            place = place[key]
        for lie in lie_about(place):
            if lie == place:
                continue
            n_tried += 1
            forged = orjson.dumps(changed(document, path, lie), option=OPTIONS)
            if not is_refused(rewrite(honest, tmp_path / "forged", finding=forged)):
                accepted.append((path, place, lie))
    assert n_tried > 100
    assert accepted == []


def test_more_evidence_than_the_posts_hold_is_refused(proved, tmp_path):
    document = orjson.loads((proved / "finding.json").read_bytes())
    most = max(trace["e_value"] for trace in document["finding"]["traces"])
    more = {"e_value": 1.1 * most, "p_value": 1 / (1.1 * most)}
    forged = orjson.dumps({**document, "finding": {**document["finding"], **more}}, option=OPTIONS)
    assert is_refused(rewrite(proved, tmp_path / "forged", finding=forged))


@pytest.mark.slow
def test_every_field_of_the_finding_left_out_or_made_up(honest, tmp_path):
    document = orjson.loads((honest / "finding.json").read_bytes())
    accepted = []
    for name in document["finding"]:
        fewer = {key: value for key, value in document["finding"].items() if key != name}
        forged = orjson.dumps({**document, "finding": fewer}, option=OPTIONS)
        if not is_refused(rewrite(honest, tmp_path / "forged", finding=forged)):
            accepted.append(name)
    more = orjson.dumps({**document, "finding": {**document["finding"], "checked": True}}, option=OPTIONS)
    assert is_refused(rewrite(honest, tmp_path / "forged", finding=more))
    beside = orjson.dumps({**document, "note": "verified by others"}, option=OPTIONS)
    assert is_refused(rewrite(honest, tmp_path / "forged", finding=beside))
    assert accepted == []


def other_values(column: pl.Series) -> pl.Series:
    """Every value of a column changed a little."""
    dtype = column.dtype
    if isinstance(dtype, pl.Datetime):
        return column + dt.timedelta(hours=7)
    if isinstance(dtype, pl.Enum):
        return pl.Series(column.name, ["reply" if v == "link" else "link" for v in column.to_list()], dtype=dtype)
    if dtype == pl.Boolean:
        return ~column
    if dtype.is_numeric():
        return (column.fill_null(0) + 1).cast(dtype)
    if isinstance(dtype, pl.List):
        return pl.Series(column.name, [[*(v or []), "https://other.example/x"] for v in column.to_list()], dtype=dtype)
    return (column.fill_null("") + "x").alias(column.name)


def to_bytes(frame: pl.DataFrame, path: Path) -> bytes:
    frame.write_parquet(path)
    return path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", list(IRRELEVANT))
def test_every_column_of_every_table(honest, tmp_path, name):
    table = getattr(read_package(honest), name)
    accepted = set()
    for column in table.columns:
        forged = table.with_columns(other_values(table[column]))
        data = {name: to_bytes(forged, tmp_path / "table")}
        if not is_refused(rewrite(honest, tmp_path / "forged", **data)):
            accepted.add(column)
    compares = honest.parent.name == "findings" and read_package(honest).finding.kind != "pair"
    irrelevant = set(IRRELEVANT[name]) - ({"created_at"} if compares else set())  # a pair states what the two did
    kinds = {pushed.kind for pushed in read_package(honest).finding.objects}
    irrelevant |= {column for column, kind in COLUMN_OF.items() if kind not in kinds}
    assert not table.height or accepted <= irrelevant


@pytest.mark.slow
@pytest.mark.parametrize("name", ["posts", "edges", "others"])
def test_rows_left_out_doubled_or_in_another_order(honest, tmp_path, name):
    table = getattr(read_package(honest), name)
    if table.height < 2:
        pytest.skip("no rows")
    for forged in (table.tail(table.height - 1), pl.concat([table, table.head(1)]), table.reverse()):
        data = {name: to_bytes(forged, tmp_path / "table")}
        refused = is_refused(rewrite(honest, tmp_path / "forged", **data))
        # what a lead counts may not rest on this very row: an object that members shared, though never closely
        fewer = forged.height < table.height and read_package(honest).finding.lead
        assert refused or name == "others" or fewer


def test_a_post_that_proves_nothing_is_refused(honest, tmp_path):
    posts = read_package(honest).posts
    spare = posts.head(1).with_columns(
        post_id=pl.lit("zzz"), text=pl.lit("something about somebody", pl.String), repost_of=pl.lit(None, pl.String),
        reply_to=pl.lit(None, pl.String), urls=pl.lit([], pl.List(pl.String)), hashtags=pl.lit([], pl.List(pl.String)),
        media=pl.lit([], pl.List(pl.String)),
    )  # fmt: skip
    forged = to_bytes(pl.concat([posts, spare]).sort("platform", "post_id"), tmp_path / "table")
    assert is_refused(rewrite(honest, tmp_path / "forged", posts=forged))


@pytest.mark.parametrize(
    ("column", "length"), [("repost_of", 1), ("repost_of", 2), ("repost_of", 1_000), ("reply_to", 2), ("quote_of", 2)]
)
def test_posts_that_point_at_each_other_in_a_ring_get_an_answer(proved, tmp_path, column, length):
    """A post of itself, two of each other, and as many as there are in a round."""
    posts = read_package(proved).posts
    names, step = posts["post_id"], min(length, posts.height)
    ring = pl.concat([names.slice(1, step - 1), names.head(1), names.slice(step)])
    forged = to_bytes(posts.with_columns(ring.alias(column)), tmp_path / "table")
    refused = is_refused(rewrite(proved, tmp_path / "forged", posts=forged))
    assert refused or column != "repost_of"


FIELDS = {
    "n_posts_cut": 5, "note": "checked by others", "method": "none", "selfcheck": {"n_found": 1}, "verified": True,
    "proof": {"split": 1, "skip": True}, "seed": 7, "versions": {"dideban": "x" * 500}, "config": {},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("field", FIELDS)
def test_no_field_of_the_manifest_switches_a_check_off(honest, tmp_path, field):
    held = orjson.loads((honest / MANIFEST).read_bytes())
    lie = next(k for k in range(4) if k != held.get("proof", {}).get("split")) if field == "proof" else FIELDS[field]
    value = {**held.get("proof", {}), "split": lie} if field == "proof" else lie
    manifest = {**held, field: value}
    refused = is_refused(rewrite(honest, tmp_path / "forged", manifest=manifest))
    numbers = orjson.loads((honest / "finding.json").read_bytes())["finding"]
    numbers["e_value"] = 123.0
    forged = orjson.dumps({"schema": "dideban.findings/2", "finding": numbers}, option=OPTIONS)
    assert is_refused(rewrite(honest, tmp_path / "lied", manifest=manifest, finding=forged))
    assert refused


@pytest.mark.parametrize("step", [11, pytest.param(1, marks=pytest.mark.slow)])
def test_every_setting_is_held_to_its_digest(honest, tmp_path, step):
    held = orjson.loads((honest / MANIFEST).read_bytes())
    accepted, paths = [], leaves(held["config"])
    for path in paths[::step]:
        place = held["config"]
        for key in path:
            place = place[key]
        for lie in lie_about(place):
            manifest = {**held, "config": changed(held["config"], path, lie)}
            if lie != place and not is_refused(rewrite(honest, tmp_path / "forged", manifest=manifest)):
                accepted.append(path)
    assert accepted in ([], [("threads",)])


def test_settings_changed_with_their_digest_do_not_change_the_claim(proved, tmp_path):
    """A tighter rate, more divisions to choose from: written into settings, digest and finding alike."""
    held = orjson.loads((proved / MANIFEST).read_bytes())
    document = orjson.loads((proved / "finding.json").read_bytes())
    least = document["finding"]["e_value"]
    for flags in ({"fdr": 0.5 / least}, {"proof.n_splits": 100}):
        config = load_config(flags={"proof.n_shuffles": 0, "proof.leads": False, **flags})
        finding = {**document["finding"], "config_digest": config.digest(), "error_rate": config.fdr}
        forged = orjson.dumps({**document, "finding": finding}, option=OPTIONS)
        manifest = {**held, "config": config.to_dict()}
        assert is_refused(rewrite(proved, tmp_path / "forged", manifest=manifest, finding=forged))


@pytest.mark.parametrize("first_day", ["2026-02-30", "", "2200-01-01", "20260301", "2026-03-01x", 3, None])
def test_a_first_day_that_cannot_be_is_refused(proved, tmp_path, first_day):
    held = orjson.loads((proved / MANIFEST).read_bytes())
    manifest = {**held, "proof": {**held["proof"], "first_day": first_day}}
    assert is_refused(rewrite(proved, tmp_path / "forged", manifest=manifest))


def test_a_seed_tried_out_is_refused(proved, tmp_path):
    held = orjson.loads((proved / MANIFEST).read_bytes())
    failed = []
    for seed in (held["seed"] + 1, 1, 0, True, str(held["seed"])):
        result = verify_package(rewrite(proved, tmp_path / "forged", manifest={**held, "seed": seed}))
        failed.append({name for name, ok, _ in result.checks if not ok})
    assert all("divisions" in names for names in failed)


def test_a_finding_called_a_lead_is_refused_by_the_name_of_the_number(proved, tmp_path):
    document = orjson.loads((proved / "finding.json").read_bytes())
    forged = orjson.dumps({**document, "finding": {**document["finding"], "lead": True}}, option=OPTIONS)
    result = verify_package(rewrite(proved, tmp_path / "forged", finding=forged))
    failed = {name: str(detail) for name, ok, detail in result.checks if not ok}
    assert "a lead has no e_value" in failed["rate"]
    assert "states no strength" in failed["proof in all"]


def test_a_lead_called_a_finding_is_refused(lead, tmp_path):
    document = orjson.loads((lead / "finding.json").read_bytes())
    lie = {
        "lead": False,
        "kind": "exchange",
        "e_value": 1e6,
        "p_value": 1e-6,
        "error_rate": 0.05,
        "chance_one_in": 990_000.0,
    }
    forged = orjson.dumps({**document, "finding": {**document["finding"], **lie}}, option=OPTIONS)
    result = verify_package(rewrite(lead, tmp_path / "forged", finding=forged))
    assert {"lead", "proof in all"} & {name for name, ok, _ in result.checks if not ok}


@pytest.mark.parametrize("weeks", [1, 2, 52, 500])
def test_a_first_day_moved_earlier_is_refused_by_the_name_of_the_number(proved, tmp_path, weeks):
    """With the seed that belongs to it: a week that was tried out costs more than it can bring."""
    held = orjson.loads((proved / MANIFEST).read_bytes())
    day = dt.date.fromisoformat(held["proof"]["first_day"]) - dt.timedelta(weeks=weeks)
    for split in range(4):
        proof = {**held["proof"], "split": split, "first_day": day.isoformat()}
        manifest = {**held, "seed": division_seed(day), "proof": proof}
        result = verify_package(rewrite(proved, tmp_path / "forged", manifest=manifest))
        assert "proof in all" in {name for name, ok, _ in result.checks if not ok}


def test_a_page_that_says_something_else_is_refused(honest, tmp_path):
    page = (honest / "report.html").read_bytes()
    for lie in (page + b"<p>proved", page.replace(b"<h1", b"<h2", 1), b""):
        result = verify_package(rewrite(honest, tmp_path / "forged", report=lie))
        assert [name for name, ok, _ in result.checks if not ok] == ["report.html"]


def test_a_followed_account_is_counted_again(honest, tmp_path):
    document = orjson.loads((honest / "finding.json").read_bytes())
    member = document["finding"]["accounts"][0]
    for name in (member, "somebody"):
        followed = [{"account_id": name, "n_objects": 9, "n_members": 3}]
        forged = orjson.dumps({**document, "finding": {**document["finding"], "followed": followed}}, option=OPTIONS)
        result = verify_package(rewrite(honest, tmp_path / "forged", finding=forged))
        assert "followed" in {name for name, ok, _ in result.checks if not ok}
