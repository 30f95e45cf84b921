"""Networks for Gephi, Cytoscape and igraph: GEXF 1.3 and GraphML, written as a stream, always valid XML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import polars as pl

from dideban.atomic import replacing
from dideban.exchange.files import clean
from dideban.schema import EDGES, FOLLOWED

_NODE_FIELDS = (
    ("account", "string"),
    ("group", "long"),
    ("groups", "string"),
    ("strength", "double"),
    ("followed_by", "string"),
)
_EDGE_FIELDS = (("kinds", "string"), ("window_s", "double"), ("mean_delay_s", "double"), ("n_pairs", "long"))
_GRAPHML_TYPES = {"string": "string", "long": "long", "double": "double"}
NO_GROUP = -1
"""``group`` of an account that is in none."""


def write_gexf(
    path: Path,
    edges: pl.DataFrame,
    *,
    groups: pl.DataFrame,
    labels: Mapping[str, str] | None = None,
    followed: pl.DataFrame | None = None,
) -> Path:
    """Write the network of accounts as GEXF 1.3.

    Parameters
    ----------
    path : path
        Replaced when complete.
    edges : EDGES, (n_edges,)
        Rows of one pair are joined into one line: ``weight`` is the sum over kinds of the objects shared at the
        window with most, and ``window_s`` and ``mean_delay_s`` are those of the heaviest row.
    groups : GROUPS
        Gives nodes ``group`` (the first, -1 = none) and ``strength``.
    labels : mapping
        Account to the name shown; default: the account id.
    followed : FOLLOWED
        Accounts that members came after: nodes that are no members, with the groups that followed in ``followed_by``.

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    nodes, lines = _network(edges, groups, labels or {}, followed)
    return _write(path, _gexf(nodes, lines))


def write_graphml(
    path: Path,
    edges: pl.DataFrame,
    *,
    groups: pl.DataFrame,
    labels: Mapping[str, str] | None = None,
    followed: pl.DataFrame | None = None,
) -> Path:
    """Write the network of accounts as GraphML.

    Parameters
    ----------
    path : path
    edges : EDGES, (n_edges,)
    groups : GROUPS
    labels : mapping
        Account id to the name shown; as in :func:`write_gexf`.
    followed : FOLLOWED
        As in :func:`write_gexf`.

    Returns
    -------
    path

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    nodes, lines = _network(edges, groups, labels or {}, followed)
    return _write(path, _graphml(nodes, lines))


def write_pairs_gexf(path: Path, edges: pl.DataFrame, *, directed: bool = False) -> Path:
    """Write any table of pairs as GEXF 1.3.

    Parameters
    ----------
    path : path
        File to write.
    edges : account_a, account_b, weight and other numbers, (n_edges,)
        Other numbers become attributes of the edge.
    directed : bool
        Whether ``account_a`` comes before ``account_b`` by more than its name.

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    return _write(path, _pairs_gexf(edges, directed=directed))


def _write(path: Path, lines: Iterator[str]) -> Path:
    with replacing(path, survives="kill") as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)
    return path


def _pairs_gexf(edges: pl.DataFrame, *, directed: bool) -> Iterator[str]:
    numbers = [name for name, dtype in edges.schema.items() if dtype.is_numeric() and name != "weight"]
    ids = pl.concat([edges["account_a"], edges["account_b"]]).unique().sort()
    codes = {account: f"n{i}" for i, account in enumerate(ids.to_list())}
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'
    yield "<meta><creator>Dideban</creator><description>Accounts that share the same objects close in time"
    kind = "directed" if directed else "undirected"
    yield f'</description></meta>\n<graph defaultedgetype="{kind}" mode="static">\n<attributes class="edge">\n'
    yield from (f'<attribute id="{name}" title="{name}" type="double"/>\n' for name in numbers)
    yield "</attributes>\n<nodes>\n"
    yield from (f'<node id="{code}" label={_text(account)}/>\n' for account, code in codes.items())
    yield "</nodes>\n<edges>\n"
    for i, row in enumerate(edges.iter_rows(named=True)):
        ends = f'source="{codes[row["account_a"]]}" target="{codes[row["account_b"]]}"'
        values = "".join(f'<attvalue for="{name}" value="{row[name]}"/>' for name in numbers if row[name] is not None)
        yield f'<edge id="e{i}" {ends} weight="{float(row["weight"])}"><attvalues>{values}</attvalues></edge>\n'
    yield "</edges>\n</graph>\n</gexf>\n"


def _network(
    edges: pl.DataFrame, groups: pl.DataFrame, labels: Mapping[str, str], followed: pl.DataFrame | None
) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    followed = FOLLOWED.empty() if followed is None else followed
    pair = ["account_a", "account_b"]
    heaviest = EDGES.check(edges).sort(
        *pair, "weight", "window_s", "object_kind", descending=[False, False, True, False, False]
    )
    per_kind = heaviest.unique([*pair, "object_kind"], keep="first", maintain_order=True)
    joined = per_kind.group_by(pair, maintain_order=True).agg(
        weight=pl.col("weight").sum(),
        kinds=pl.col("object_kind").cast(pl.String).sort().str.join("|"),
        n_pairs=pl.col("n_pairs").sum(),
        window_s=pl.col("window_s").first(),
        mean_delay_s=pl.col("mean_delay_s").first(),
    )
    member = groups.group_by("account_id").agg(
        group=pl.col("group_ix").min(),
        groups=pl.col("group_ix").unique().sort().cast(pl.String).str.join("|"),
        strength=pl.col("strength").sum(),
    )
    after = followed.group_by("account_id").agg(
        followed_by=pl.col("group_ix").unique().sort().cast(pl.String).str.join("|")
    )
    ends = [joined["account_a"], joined["account_b"], groups["account_id"], followed["account_id"]]
    ids = pl.concat(ends).unique().sort()
    nodes = pl.DataFrame({"account_id": ids}).join(member, on="account_id", how="left", maintain_order="left")
    nodes = nodes.join(after, on="account_id", how="left", maintain_order="left")
    codes = pl.DataFrame({"account": ids}).with_columns(code=pl.concat_str(pl.lit("n"), pl.row_index()))
    lines = joined.join(codes.rename({"account": "account_a", "code": "source"}), on="account_a", maintain_order="left")
    lines = lines.join(codes.rename({"account": "account_b", "code": "target"}), on="account_b", maintain_order="left")
    return (
        [
            {
                "id": f"n{i}",
                "label": labels.get(row["account_id"], row["account_id"]),
                "account": row["account_id"],
                "group": NO_GROUP if row["group"] is None else row["group"],
                "groups": row["groups"] or "",
                "strength": row["strength"] or 0.0,
                "followed_by": row["followed_by"] or "",
            }
            for i, row in enumerate(nodes.iter_rows(named=True))
        ],
        lines.with_row_index("id").with_columns(pl.col("weight").cast(pl.Float64)),
    )


def _text(value: object) -> str:
    return quoteattr(clean(str(value)).replace("\t", " ").replace("\n", " ").replace("\r", " "))


def _gexf(nodes: list[dict[str, Any]], lines: pl.DataFrame) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'
    yield "<meta><creator>Dideban</creator><description>Accounts that share the same objects close in time"
    yield '</description></meta>\n<graph defaultedgetype="undirected" mode="static">\n'
    for of, fields in (("node", _NODE_FIELDS), ("edge", _EDGE_FIELDS)):
        yield f'<attributes class="{of}">\n'
        yield from (f'<attribute id="{name}" title="{name}" type="{kind}"/>\n' for name, kind in fields)
        yield "</attributes>\n"
    yield "<nodes>\n"
    for node in nodes:
        yield f'<node id="{node["id"]}" label={_text(node["label"])}>{_gexf_values(node, _NODE_FIELDS)}</node>\n'
    yield "</nodes>\n<edges>\n"
    values = "".join(f'<attvalue for="{name}" value="{{}}"/>' for name, _ in _EDGE_FIELDS)
    edge = f'<edge id="e{{}}" source="{{}}" target="{{}}" weight="{{}}"><attvalues>{values}</attvalues></edge>\n'
    columns = ("id", "source", "target", "weight", *(name for name, _ in _EDGE_FIELDS))
    yield from lines.select(pl.format(edge, *columns)).to_series()
    yield "</edges>\n</graph>\n</gexf>\n"


def _gexf_values(row: Mapping[str, Any], fields: tuple[tuple[str, str], ...]) -> str:
    values = "".join(f'<attvalue for="{name}" value={_text(row[name])}/>' for name, _ in fields)
    return f"<attvalues>{values}</attvalues>"


def _graphml(nodes: list[dict[str, Any]], lines: pl.DataFrame) -> Iterator[str]:
    node_fields = (("label", "string"), *_NODE_FIELDS)
    edge_fields = (("weight", "double"), *_EDGE_FIELDS)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for of, fields in (("node", node_fields), ("edge", edge_fields)):
        for name, kind in fields:
            yield f'<key id="{of}_{name}" for="{of}" attr.name="{name}" attr.type="{_GRAPHML_TYPES[kind]}"/>\n'
    yield '<graph edgedefault="undirected">\n'
    for node in nodes:
        yield f'<node id="{node["id"]}">{_graphml_values(node, node_fields)}</node>\n'
    values = "".join(f'<data key="edge_{name}">{{}}</data>' for name, _ in edge_fields)
    edge = f'<edge id="e{{}}" source="{{}}" target="{{}}">{values}</edge>\n'
    yield from lines.select(pl.format(edge, "id", "source", "target", *(name for name, _ in edge_fields))).to_series()
    yield "</graph>\n</graphml>\n"


def _graphml_values(row: Mapping[str, Any], fields: tuple[tuple[str, str], ...]) -> str:
    return "".join(f'<data key="node_{name}">{_text(row[name])[1:-1]}</data>' for name, _ in fields)
