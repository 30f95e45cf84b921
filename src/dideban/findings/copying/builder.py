"""Texts to families of copies: who published first, who holds how much of it, and whether that is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from statistics import median

import numpy as np
import polars as pl

from dideban.arrays import F8, I8
from dideban.findings.copying.align import compare_texts
from dideban.findings.copying.attribution import Attribution, find_attributions, fold_name
from dideban.findings.copying.model import Copies, Copy, Family, Flow, Item, Kind
from dideban.kernels.copies import cover_pairs, fingerprint_texts, pick_earlier
from dideban.messages import Message
from dideban.progress import SILENT, Progress
from dideban.schema import post_key
from dideban.text.normalise import squeezed_form, to_bytes
from dideban.text.stock_phrases import drop_signatures

WIDTH = 25
"""Letters in a row that two texts must share: four to six words. Shorter runs are set phrases."""
MODULO = 8
"""One of so many runs is remembered (0 mod p sampling)."""
HOLDERS = 12
"""Texts remembered per run, the first ones."""
N_CANDIDATES = 8
LEAST_RUNS = 2
MAX_PASSAGES = 2_000
"""Copies whose passages are computed, largest families first."""
DAY_S = 86_400.0


def find_copies(
    posts: pl.DataFrame,
    *,
    names: Mapping[str, str] | None = None,
    min_letters: int = 200,
    least_share: float = 0.3,
    resolution_s: float = 0.0,
    progress: Progress = SILENT,
) -> Copies:
    """Find who copied whose texts.

    Parameters
    ----------
    posts : POSTS
        In any order; reposts are left out. The account is the publisher.
    names : mapping
        Publisher to the name it goes by, to be recognised in lines of attribution.
    min_letters : count
        Shorter texts are not compared (letters and digits without spaces).
    least_share : 0..1
        A text is a copy if this share of it occurs in an earlier one, in runs of 25 letters or more.
    resolution_s : seconds
        Coarsest unit of the times: within one unit the order is not known.
    progress : Progress
        Reports each stage.

    Returns
    -------
    Copies
        The same posts give the same copies, in any order.

    Notes
    -----
    Every text is compared with the eight earlier ones that share most of its remembered runs, so a passage of fewer
    than about 50 letters may go unseen. Nothing is said about right or wrong: wires are copied by contract.

    References
    ----------
    Broder 1997, doi:10.1109/SEQUEN.1997.666900 (containment); Schleimer, Wilkerson, Aiken 2003,
    doi:10.1145/872757.872770 (fingerprints of documents).
    """
    table = _table(posts, min_letters=min_letters)
    with progress.stage("copies-comparing", total=table.height, unit="texts") as task:
        pairs = _pairs(table, least_share=least_share)
        task.advance(table.height)
    known = dict(names or {})
    spoken = _spoken_names(table, known)
    items = _Items(table, spoken)
    with progress.stage("copies-passages", total=pairs.height, unit="copies") as task:
        families = _families(table, pairs, items, resolution_s=resolution_s)
        task.advance(pairs.height)
    return Copies(
        families=families,
        flows=_flows(families),
        publishers={name: known[name] for name in sorted(set(table["publisher"])) if name in known},
        n_texts=table.height,
        n_read=posts.height,
        resolution_s=resolution_s,
        notes=_notes(posts, table, resolution_s),
    )


def _table(posts: pl.DataFrame, *, min_letters: int) -> pl.DataFrame:
    """Return the texts compared, in order of time (ties by name): the squeezed form beside them."""
    own = posts.filter(pl.col("text").is_not_null() & pl.col("repost_of").is_null())
    named = own.select(
        "text", "created_at", "lang", publisher="account_id", url=pl.col("urls").list.first(),
        name=post_key(),
    ).sort("created_at", "name")  # fmt: skip
    forms = squeezed_form(drop_signatures(named["text"]))
    full = named.with_columns(form=forms, n_letters=forms.str.len_chars())
    return full.filter(pl.col("n_letters") >= min_letters).with_row_index("row")


def _pairs(table: pl.DataFrame, *, least_share: float) -> pl.DataFrame:
    """Return new, source, share, share_of_source: the best earlier text of each copy."""
    schema = {"new": pl.Int64, "source": pl.Int64, "share": pl.Float64, "share_of_source": pl.Float64}
    if table.height < 2:
        return pl.DataFrame(schema=schema)
    data, offsets = to_bytes(table["form"])
    starts, hashes = fingerprint_texts(data, offsets, WIDTH, MODULO)
    codes = np.unique(hashes, return_inverse=True)[1].astype(np.int64)
    best = pick_earlier(starts, codes, HOLDERS, N_CANDIDATES, LEAST_RUNS)
    rows, columns = np.nonzero(best >= 0)
    left = best[rows, columns].astype(np.int64)
    cover = cover_pairs(data, offsets, left, rows.astype(np.int64), WIDTH)
    found = pl.DataFrame(
        {"new": rows, "source": left, "share": cover[:, 0], "share_of_source": cover[:, 1]}, schema=schema
    ).filter(pl.col("share") >= least_share)
    ordered = found.sort(["new", pl.col("share").round(3), "source"], descending=[False, True, False])
    return ordered.unique("new", keep="first", maintain_order=True)


class _Items:
    """Texts as they are shown, made when asked for."""

    def __init__(self, table: pl.DataFrame, spoken: Mapping[str, str]) -> None:
        self._table, self._spoken = table, spoken
        self._made: dict[int, Item] = {}

    def text(self, row: int) -> str:
        """Return the text of a row; of links in Markdown what is shown."""
        return re.sub(r"\[([^\]\[]{1,300})\]\(https?://[^\s()]{1,600}\)", r"\1", str(self._table["text"][row]))

    def __getitem__(self, row: int) -> Item:
        if row not in self._made:
            values = self._table.row(row, named=True)
            self._made[row] = Item(
                post_id=values["name"],
                publisher=values["publisher"],
                at=_instant(values["created_at"]),
                url=values["url"] or "",
                title=_title(self.text(row)),
                lang=values["lang"] or "",
                n_letters=values["n_letters"],
                attributions=find_attributions(
                    self.text(row), publishers=self._spoken, lang=(values["lang"] or "").partition("-")[0]
                ),
            )
        return self._made[row]


def _spoken_names(table: pl.DataFrame, names: Mapping[str, str]) -> dict[str, str]:
    """Return folded names to publisher: the name its pages give it, and the first label of its host."""
    spoken: dict[str, str] = {}
    for publisher in sorted(set(table["publisher"])):
        labels = [names.get(publisher, "")]
        if "." in publisher:
            labels += [publisher.split(".")[0].replace("-", " "), publisher]
        for label in labels:
            if folded := fold_name(label):
                spoken.setdefault(folded, publisher)
    return spoken


def _families(table: pl.DataFrame, pairs: pl.DataFrame, items: _Items, *, resolution_s: float) -> list[Family]:
    first = _roots(table.height, pairs)
    data, offsets = to_bytes(table["form"])
    news = pairs["new"].to_numpy()
    of_first = cover_pairs(data, offsets, first[news].astype(np.int64), news.astype(np.int64), WIDTH)[:, 0]
    members: dict[int, list[tuple[int, int, float, float, float]]] = {}
    for (new, source, share, back), whole in zip(pairs.iter_rows(), of_first.tolist(), strict=True):
        members.setdefault(int(first[new]), []).append((new, source, share, back, whole))
    ordered = sorted(members, key=lambda root: (-len(members[root]), root))
    at_s = table["created_at"].dt.epoch("us").to_numpy() / 1e6
    left, families = MAX_PASSAGES, []
    for root in ordered:
        copies = []
        for new, source, share, back, whole in members[root]:
            copies.append(
                Copy(
                    item=items[new], source=items[source], share=round(share, 4), share_of_source=round(back, 4),
                    share_of_first=round(whole, 4), lag_s=float(at_s[new] - at_s[source]),
                    order_known=_is_order_known(at_s[source], at_s[new], resolution_s),
                    kind=kind_of(items[new], items[source]),
                    passages=compare_texts(items.text(source), items.text(new)) if left > 0 else [],
                )
            )  # fmt: skip
            left -= 1
        families.append(_family(items[root], copies, at_s[root], at_s, resolution_s, members[root]))
    return families


def _family(
    first: Item,
    copies: list[Copy],
    first_s: float,
    at_s: F8,
    resolution_s: float,
    rows: list[tuple[int, int, float, float, float]],
) -> Family:
    others = [at_s[row[0]] for row, copy in zip(rows, copies, strict=True) if copy.item.publisher != first.publisher]
    return Family(
        id="c" + first.post_id,
        first=first,
        first_known=all(_is_order_known(first_s, other, resolution_s) for other in others),
        copies=copies,
    )


def _roots(n: int, pairs: pl.DataFrame) -> I8:
    """Return the first text of the family of each: copies point to earlier texts, so one pass in order is enough."""
    first = np.arange(n)
    for new, source in pairs.select("new", "source").iter_rows():
        first[new] = first[source]
    return first


def kind_of(new: Item, source: Item) -> Kind:
    """Describe how a copy stands to what it holds: see ``Kind``."""
    if new.publisher == source.publisher:
        return "own"
    if any(line.publisher == source.publisher for line in new.attributions):
        return "declared"
    wires = _wires(new.attributions)
    if wires & _wires(source.attributions):
        return "wire"
    if wires:
        return "wire" if any(name in fold_name(source.publisher).split() for name in wires) else "attributed"
    return "attributed" if any(line.publisher not in ("", new.publisher) for line in new.attributions) else "no-line"


def _wires(lines: list[Attribution]) -> set[str]:
    return {line.wire for line in lines if line.wire}


def _is_order_known(earlier_s: float, later_s: float, resolution_s: float) -> bool:
    if later_s == earlier_s:
        return False
    is_day = earlier_s % DAY_S == 0 and later_s // DAY_S == earlier_s // DAY_S
    return bool(not is_day and later_s - earlier_s >= resolution_s)


def _flows(families: list[Family]) -> list[Flow]:
    held: dict[tuple[str, str], list[Copy]] = {}
    for family in families:
        for copy in family.copies:
            if copy.kind != "own":
                held.setdefault((copy.source.publisher, copy.item.publisher), []).append(copy)
    flows = [
        Flow(
            source=source,
            publisher=publisher,
            n=len(copies),
            n_no_line=sum(copy.kind == "no-line" for copy in copies),
            n_wire=sum(copy.kind == "wire" for copy in copies),
            n_declared=sum(copy.kind in ("declared", "attributed") for copy in copies),
            median_lag_s=median(copy.lag_s for copy in copies),
            mean_share=round(sum(copy.share for copy in copies) / len(copies), 4),
        )
        for (source, publisher), copies in held.items()
    ]
    return sorted(flows, key=lambda flow: (-flow.n, flow.source, flow.publisher))


def _notes(posts: pl.DataFrame, table: pl.DataFrame, resolution_s: float) -> list[Message]:
    notes = []
    if left_out := posts.height - table.height:
        notes.append(Message("note.copies-short", n=left_out, all=posts.height))
    if resolution_s >= DAY_S:
        notes.append(Message("note.copies-to-the-day"))
    return notes


def _title(text: str) -> str:
    lines = [" ".join(line.split()) for line in text[:2_000].split("\n")]
    return next((line for line in lines if line), "")[:160]


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
