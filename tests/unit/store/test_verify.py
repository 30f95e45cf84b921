"""verify_package: a good package holds; any byte or number changed does not."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil

import orjson
import polars as pl
import pytest

from dideban.errors import ConfigError, ExchangeError
from dideban.findings import Finding
from dideban.findings.builder import METHOD_VERSIONS
from dideban.findings.model import FollowedAccount, PairEvidence
from dideban.messages import Message
from dideban.proof import METHOD_VERSION
from dideban.schema import POSTS
from dideban.store import package_posts, read_package, verify_package, write_package, zip_package
from dideban.store.clusters import CLUSTERS, check_clusters
from dideban.store.manifest import make_manifest
from dideban.store.package import CONTENTS, MANIFEST

NAMES = (MANIFEST, *CONTENTS)


def failed(path, **options) -> list[str]:
    """Names of the checks that fail; a page that was not made again fails with whatever it tells."""
    names = [name for name, ok, _ in verify_package(path, **options).checks if not ok]
    return names if names == ["report.html"] else [name for name in names if name != "report.html"]


def test_a_package_holds_as_folder_and_as_zip(package, tmp_path):
    assert failed(package) == []
    assert verify_package(package).ok
    assert verify_package(zip_package(package, to=tmp_path / "p.zip")).ok


def test_the_world_has_what_the_tests_are_about(world):
    assert {trace.kind for trace in world.finding.traces} == {"link", "repost", "text"}
    assert any(check.outcome != "not-checkable" for check in world.finding.benign)


def test_the_same_finding_gives_the_same_bytes(world, tmp_path):
    one, two = world.write(tmp_path / "1" / "f"), world.write(tmp_path / "2" / "f")
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in NAMES)
    zips = [zip_package(folder, to=tmp_path / f"{i}.zip").read_bytes() for i, folder in enumerate((one, two))]
    assert zips[0] == zips[1]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", [0.0, 0.55, 1.0])
def test_any_byte_changed_is_seen(package, name, place):
    data = bytearray((package / name).read_bytes())
    data[int(place * (len(data) - 1))] ^= 0x01
    (package / name).write_bytes(bytes(data))
    try:
        assert not verify_package(package).ok
    except ExchangeError:
        assert name == MANIFEST


@pytest.mark.parametrize("name", NAMES)
def test_bytes_added_or_cut_are_seen(package, name):
    whole = (package / name).read_bytes()
    for data in (whole + b" ", whole[:-1]):
        (package / name).write_bytes(data)
        try:
            assert not verify_package(package).ok
        except ExchangeError:
            assert name == MANIFEST


def forge(
    package,
    *,
    finding: Finding | None = None,
    posts: pl.DataFrame | None = None,
    edges: pl.DataFrame | None = None,
    clusters: pl.DataFrame | None = None,
    others: pl.DataFrame | None = None,
    **fields: object,
) -> None:
    """Change the content of a package and make every hash and the id fit again."""
    held = read_package(package)
    target = finding or held.finding
    extra = {
        k: v for k, v in held.manifest.items() if k not in ("schema", "finding_id", "files", "sha256", "signature")
    }
    write_package(
        target, folder=package, posts=held.posts if posts is None else posts,
        edges=held.edges if edges is None else edges, report_html=held.report_html, clusters=held.clusters if clusters is None else clusters,
        others=held.others if others is None else others, manifest_extra={**extra, **fields},
    )  # fmt: skip


def test_forging_nothing_changes_nothing(package):
    before = {name: (package / name).read_bytes() for name in NAMES}
    forge(package)
    assert {name: (package / name).read_bytes() for name in NAMES} == before


def _changed(finding: Finding, field: str) -> object:
    """The smallest lie about a field."""
    value = getattr(finding, field)
    first = value[0] if isinstance(value, list) and value else None
    lies = {
        "method": "qut", "method_version": "0", "config_digest": "0" * 16, "lead": True, "label": "declared",
        "accounts": [*finding.accounts, "reader1"], "error_rate": 0.05, "e_value": 100.0, "p_value": 0.001,
        "chance_one_in": 1000.0, "n_objects": finding.n_objects + 1,
        "period": [finding.period[0], "2024-03-09T00:00:00Z"], "posts": finding.posts[1:],
        "burst": {**finding.burst, "n_bursts": finding.burst["n_bursts"] + 1},
        "statement": {**finding.statement, "fa": finding.statement["fa"].replace("۵", "۶")},
        "techniques": [*finding.techniques, {"id": "T0049", "name": "Flood Information Space", "values": {"n": 3}, "why": {"en": "x"}}],
        "next_steps": finding.next_steps[:-1], "objects_digest": "0" * 64, "kind": "pair", "n_pairs": 3,
        "followed": [FollowedAccount(account_id="reader1", n_objects=9, n_members=2)], "weak_members": ["reader1"],
        "pairs": [PairEvidence(account_a="a", account_b="b", kind="link", scale_s=60.0, n_blocks=3, n_near=3, expected=1.0, p_value=0.1, e_value=5.0)],
    }  # fmt: skip
    if field in lies:
        return lies[field]
    inner = {"traces": "n_pairs", "objects": "n_posts", "leaders": "n_first"}
    if field in inner:
        name = inner[field]
        return [dataclasses.replace(first, **{name: getattr(first, name) + 1}), *value[1:]]
    assert field == "benign"
    return [dataclasses.replace(first, outcome="explains"), *value[1:]]


@pytest.mark.slow
@pytest.mark.parametrize(
    "field", [field.name for field in dataclasses.fields(Finding) if field.name not in ("group_id", "method_version")]
)
def test_any_number_forged_with_fitting_hashes_is_seen(package, world, field):
    version = {"method_version": METHOD_VERSIONS["qut"]} if field == "method" else {}
    lie = dataclasses.replace(world.finding, **{field: _changed(world.finding, field), **version})
    forge(package, finding=lie)
    problems = failed(package)
    assert problems
    assert not [name for name in problems if name.startswith(("hash", "manifest", "id"))]


@pytest.mark.parametrize("made_by", ["method", "program"])
def test_what_another_version_made_is_refused_without_being_called_forged(package, world, made_by):
    manifest = orjson.loads((package / MANIFEST).read_bytes())
    if made_by == "method":
        forge(package, finding=dataclasses.replace(world.finding, method_version="0.9"))
    else:
        forge(package, versions={**manifest["versions"], "dideban": "0.0.9"})
    with pytest.raises(ExchangeError) as refused:
        verify_package(package)
    assert refused.value.message.code == "package.other-version"
    assert refused.value.exit_code == 14
    assert {str(refused.value.message["method"]), str(refused.value.message["program"])} & {"0.9", "0.0.9"}
    (package / "report.html").write_bytes(b"changed afterwards")
    assert "hash of report.html" in failed(package)


def test_the_id_of_the_group_stays_at_home(package, world):
    before = (package / "finding.json").read_bytes()
    forge(package, finding=dataclasses.replace(world.finding, group_id="g0123456789abcdef"))
    assert (package / "finding.json").read_bytes() == before
    assert b"group_id" not in before


@pytest.mark.parametrize(
    "field", ["scale_s", "n_objects", "n_posts", "n_pairs", "expected_pairs", "p_value", "e_value"]
)
def test_any_number_of_the_evidence_forged_is_seen(package, world, field):
    first, *rest = world.finding.traces
    lie = dataclasses.replace(first, **{field: (getattr(first, field) or 0) + 1})
    forge(package, finding=dataclasses.replace(world.finding, traces=[lie, *rest]))
    assert failed(package) == ["traces"]


@pytest.mark.parametrize("field", ["id", "label", "first_at", "last_at", "n_accounts", "kind"])
def test_any_part_of_an_object_forged_is_seen(package, world, field):
    lies = {
        "id": "other",
        "label": "other",
        "first_at": "2024-03-01T00:00:00Z",
        "last_at": "2024-03-01T00:00:00Z",
        "n_accounts": 9,
        "kind": "media",
    }
    first, *rest = world.finding.objects
    forge(
        package,
        finding=dataclasses.replace(world.finding, objects=[dataclasses.replace(first, **{field: lies[field]}), *rest]),
    )
    assert "objects" in failed(package)


def test_posts_moved_left_out_or_added_are_seen(package, world):
    posts = read_package(package).posts
    mine = pl.concat_str("platform", pl.lit("/"), "post_id").is_in(world.finding.posts)
    later = posts.with_columns(
        pl.when(mine).then(pl.col("created_at") + dt.timedelta(hours=2)).otherwise("created_at").alias("created_at")
    )
    fewer = posts.filter(~mine)
    twice = pl.concat([posts, posts.head(1)])
    for changed in (later, fewer, twice):
        forge(package, posts=changed)
        assert failed(package)
        forge(package, posts=posts)
        assert failed(package) == []


def test_edges_changed_left_out_or_added_are_seen(package):
    edges = read_package(package).edges
    heavier = edges.with_columns(weight=pl.col("weight") + 1)
    for changed in (heavier, edges.head(3), edges.with_columns(mean_delay_s=pl.col("mean_delay_s") * 1.01)):
        forge(package, edges=changed)
        assert "edges" in failed(package)
    forge(package, edges=edges)
    assert failed(package) == []


def test_clusters_that_do_not_fit_the_texts_are_seen(package):
    held = read_package(package)
    clusters, name = held.clusters, pl.concat_str("platform", pl.lit("/"), "post_id")
    ids = clusters["object_id"].unique(maintain_order=True)
    merged = clusters.with_columns(object_id=pl.col("object_id").replace({ids[0]: ids[1]}))
    fewer = clusters.tail(clusters.height - 1)
    links = held.posts.filter(pl.col("text").is_null()).select(post_id=name).head(2)
    stranger = pl.concat([clusters, clusters.head(2).with_columns(post_id=links["post_id"])])
    absent = clusters.with_columns(post_id=pl.col("post_id") + "0")
    media = clusters.with_columns(object_kind=pl.lit("media", clusters.schema["object_kind"]))
    link = clusters.with_columns(object_kind=pl.lit("link", clusters.schema["object_kind"]))
    for changed in (merged, fewer, stranger, absent, media, link):
        forge(package, clusters=changed)
        assert failed(package)
    forge(package, clusters=clusters)
    assert failed(package) == []


def test_without_clusters_the_posts_inside_are_clustered_again(package):
    forge(package, clusters=CLUSTERS.empty())
    checks = {name: (ok, str(seen)) for name, ok, seen in verify_package(package).checks}
    assert checks["clusters"] == (True, "0 posts, all like the first")
    assert checks["traces"][0]


def test_pictures_are_held_against_the_hash_of_their_cluster(world):
    rows = [("a", ["ABCDEF0123456780"]), ("b", ["abcdef0123456781"]), ("c", ["ffffffffffffffff"]), ("d", ["pic7"])]
    start = world.posts["created_at"][0]
    posts = pl.DataFrame(
        [
            {"post_id": p, "account_id": p, "platform": "x", "source": "s", "created_at": start, "media": m}
            for p, m in rows
        ],
        schema={**POSTS.dtypes},
    )
    stated = pl.DataFrame(
        [("media", "abcdef0123456780", "x/a"), ("media", "abcdef0123456780", "x/b"), ("media", "x/pic7", "x/d")],
        schema=CLUSTERS.dtypes, orient="row",
    )  # fmt: skip
    near = dataclasses.replace(world.config.traces, media_distance=1)
    assert check_clusters(stated, posts=posts, config=near) == []
    assert check_clusters(stated, posts=posts, config=dataclasses.replace(near, media_distance=0))
    wrong = stated.with_columns(post_id=pl.col("post_id").replace({"x/b": "x/c"}))
    assert check_clusters(wrong, posts=posts, config=near) == [Message("check.cluster.no-picture", n=1)]


@pytest.mark.parametrize("window", [-1.0, 1e300, float("inf"), float("nan"), 0.0])
def test_absurd_windows_are_a_failed_check_not_a_crash(package, world, window):
    held = read_package(package)
    forge(package, edges=held.edges.with_columns(window_s=pl.lit(window)))
    assert failed(package)
    first, *rest = world.finding.traces
    forge(
        package,
        edges=held.edges,
        finding=dataclasses.replace(world.finding, traces=[dataclasses.replace(first, scale_s=window), *rest]),
    )
    try:
        assert failed(package)
    except ExchangeError:
        assert window != window or window in (float("inf"), 1e300)


def test_another_setting_is_seen(package, world):
    files = {name: (package / name).read_bytes() for name in CONTENTS}
    wider = dataclasses.replace(world.config, coshare=dataclasses.replace(world.config.coshare, window_s=900.0))
    manifest = make_manifest(world.finding.id, files=files, extra={**world.extra(), "config": wider.to_dict()})
    (package / MANIFEST).write_bytes(manifest)
    assert "settings digest" in failed(package)


@pytest.mark.parametrize("config", [None, {}, {"magic": 1}, {"coshare": {"window_s": "wide"}}, [1], {"coshare": 3}])
def test_settings_that_cannot_be_read_are_a_failed_check(package, world, config):
    files = {name: (package / name).read_bytes() for name in CONTENTS}
    manifest = make_manifest(world.finding.id, files=files, extra={**world.extra(), "config": config})
    (package / MANIFEST).write_bytes(manifest)
    assert failed(package)


def test_the_list_of_owners_travels_with_the_package(package, world):
    files = {name: (package / name).read_bytes() for name in CONTENTS}
    extra = {k: v for k, v in world.extra().items() if k != "affiliations"}
    (package / MANIFEST).write_bytes(make_manifest(world.finding.id, files=files, extra=extra))
    assert failed(package) == ["benign", "next_steps"]


def test_signatures(world, tmp_path):
    ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
    mine, other = (
        ed25519.Ed25519PrivateKey.from_private_bytes(b"m" * 32),
        ed25519.Ed25519PrivateKey.from_private_bytes(b"o" * 32),
    )
    public = mine.public_key().public_bytes_raw()
    signed = world.write(tmp_path / "signed", signing_key=b"m" * 32)
    assert verify_package(signed).ok
    assert verify_package(signed, public_key=public).ok
    assert not verify_package(signed, public_key=other.public_key().public_bytes_raw()).ok
    plain = world.write(tmp_path / "plain")
    assert not verify_package(plain, public_key=public).ok
    manifest = orjson.loads((signed / MANIFEST).read_bytes())
    files = {name: (signed / name).read_bytes() for name in CONTENTS}
    extra = {k: v for k, v in manifest.items() if k not in ("schema", "finding_id", "files", "sha256", "signature")}
    unsigned = orjson.loads(make_manifest(world.finding.id, files=files, extra={**extra, "seed": 2}))
    stolen = {**unsigned, "signature": manifest["signature"]}
    (signed / MANIFEST).write_bytes(orjson.dumps(stolen))
    assert "signature" in failed(signed)
    with pytest.raises(ConfigError):
        verify_package(plain, public_key=b"no key")
    with pytest.raises(ConfigError):
        world.write(tmp_path / "bad", signing_key=b"no key")


def test_a_package_that_leaves_shares_out_is_not_verified(world, tmp_path):
    parts = package_posts(world.posts, traces=world.traces, shares=world.shares, max_per_object=5)
    part = next(p for p in parts if p.finding_id == world.finding.id)
    assert part.n_cut > 0
    arguments = {"posts": part.posts, "clusters": part.clusters, "others": part.others}
    folder = world.write(tmp_path / "cut", **arguments, manifest_extra=world.extra(n_posts_cut=part.n_cut))
    assert "complete" in failed(folder)
    silent = world.write(tmp_path / "silent", **arguments)
    asked = ([], ["benign"], ["objects"], ["objects", "benign"])
    assert failed(silent) in asked, "who else shared, and when, is all that a threshold rule asks of others"


def test_synchrony_asks_the_proof_floor(world, tmp_path, monkeypatch):
    config = dataclasses.replace(world.config, method="synchrony")
    traces = [dataclasses.replace(t, expected_pairs=1.0, p_value=0.001, e_value=50.0) for t in world.finding.traces]
    claimed = dataclasses.replace(
        world.finding,
        method="synchrony",
        method_version=METHOD_VERSION,
        kind="exchange",
        config_digest=config.digest(),
        traces=traces,
    )
    folder = world.write(tmp_path / "s", manifest_extra={**world.extra(), "config": config.to_dict()})
    held = read_package(folder)
    write_package(
        claimed,
        folder=folder,
        posts=held.posts,
        edges=held.edges,
        others=held.others,
        clusters=held.clusters,
        report_html="",
        manifest_extra={**world.extra(), "config": config.to_dict()},
    )
    asked = []

    def verify_proof(finding, traces, manifest):
        asked.append((finding.id, traces.traces.height, manifest["seed"]))
        return [("proof", False, "asked")]

    monkeypatch.setattr("dideban.store.verify.verify_proof", verify_proof)
    assert "proof" in failed(folder)
    assert asked
    assert asked[0][0] == claimed.id


def test_a_moved_package_still_holds(package, tmp_path):
    target = tmp_path / "elsewhere"
    shutil.copytree(package, target)
    assert verify_package(target).ok
