"""Exports: what other programs read back, and what hostile text cannot do."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import re
import xml.etree.ElementTree as ET
import zipfile

import networkx as nx
import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.errors import SchemaError, StoreError
from dideban.exchange import workbook, write_csv, write_gexf, write_graphml, write_xlsx
from dideban.exchange.files import clean, is_formula, is_right_to_left
from dideban.exchange.workbook import cell_text
from dideban.findings.model import BenignCheck, Finding, FollowedAccount, Leader, SharedObject, TraceEvidence
from dideban.messages import Message
from dideban.schema import EDGES, FOLLOWED, GROUPS, POSTS

NASTY = [
    "=HYPERLINK(\"http://x\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "'quoted", '"quoted", and, commas',
    "<script>alert(1)</script>", "]]>&amp;<!--", "a\x00b\x07c", "\u202egnp.exe", "\u2067right\u2069", "\ud800", "\ufffe",
    "خط\nدوم", "می‌شود", "x" * 40_000, "😀" * 20_000, "", " ", "1e5", "2024-03-01", "TRUE", "{=1}", "%00", "\x85next",
]  # fmt: skip


def make_edges(rows: list[tuple[str, str, str, float, int, float]]) -> pl.DataFrame:
    full = [
        (a, b, kind, window, weight, weight + 1, delay, 2, 3, 2 / 3, True) for a, b, kind, window, weight, delay in rows
    ]
    return pl.DataFrame(full, schema=EDGES.dtypes, orient="row")


def make_groups(rows: list[tuple[int, str]]) -> pl.DataFrame:
    return pl.DataFrame([(ix, account, 1.5) for ix, account in rows], schema=GROUPS.dtypes, orient="row")


def make_posts(texts: list[str], *, account: str = "ana") -> pl.DataFrame:
    at = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
    rows = [
        {"post_id": str(i), "account_id": account, "platform": "x", "source": "made", "created_at": at, "text": text,
         "urls": [text], "hashtags": [], "mentions": [], "media": [], "reach": -5}
        for i, text in enumerate(texts)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=POSTS.dtypes)


def make_finding(*, text: str = "plain", accounts: tuple[str, ...] = ("ana", "bo", "cy"), n_posts: int = 2) -> Finding:
    return Finding(
        method="threshold", method_version="1", config_digest="0" * 16, lead=False, label="unexplained",
        accounts=list(accounts), period=["2024-03-01T00:00:00Z", "2024-03-02T00:00:00Z"],
        traces=[TraceEvidence(kind="text", scale_s=60.0, n_objects=1, n_posts=2, n_pairs=1)],
        error_rate=None, e_value=None, p_value=None, chance_one_in=None, n_objects=1,
        objects=[SharedObject(kind="text", id="t1", label=text, n_accounts=3, n_posts=3, first_at="2024-03-01T00:00:00Z", last_at="2024-03-01T00:00:09Z")],
        leaders=[Leader(account_id=a, n_objects=1, median_lag_s=1.5, n_first=0) for a in accounts],
        burst={"n_bursts": 1.0, "median_span_s": 9.0, "median_accounts": 3.0},
        benign=[BenignCheck(check="own-domain", outcome="no-sign", detail=text)],
        techniques=[{"id": "T0115", "name": "Post Content", "values": {}, "why": {"en": "x"}}],
        statement={"en": text, "fa": "این ۳ حساب", "ar": "هذه الحسابات"}, posts=[f"x/{i}" for i in range(n_posts)],
    )  # fmt: skip


NO_EDGES, NO_GROUPS = EDGES.empty(), GROUPS.empty()


def book_of(tmp_path, findings, *, posts=None, edges=NO_EDGES, groups=NO_GROUPS):
    path = write_xlsx(
        tmp_path / "f.xlsx", findings, edges=edges, groups=groups, posts=POSTS.empty() if posts is None else posts
    )
    return openpyxl.load_workbook(path)


def column(book, sheet: str, title: str) -> list:
    rows = list(book[sheet].iter_rows(values_only=True))
    place = rows[0].index(title)
    return [row[place] for row in rows[1:]]


def test_every_sheet_is_there_and_says_what_it_should(tmp_path):
    edges = make_edges([("ana", "bo", "link", 60.0, 7, 1.25)])
    book = book_of(
        tmp_path,
        [make_finding()],
        posts=make_posts(["one", "two", "not in the proof"]),
        edges=edges,
        groups=make_groups([(0, "ana")]),
    )
    assert book.sheetnames == ["Findings", "Statements", "Accounts", "Followed", "Objects", "Posts", "Links", "About"]
    assert column(book, "Findings", "finding") == [make_finding().id]
    assert column(book, "Statements", "language") == ["en", "fa", "ar"]
    assert "این ۳ حساب" in column(book, "Statements", "statement")
    assert column(book, "Accounts", "account") == ["ana", "bo", "cy"]
    assert column(book, "Accounts", "strength") == [1.5, None, None]
    assert column(book, "Posts", "text") == ["one", "two"]
    assert column(book, "Links", "weight") == [7]
    assert all(book[name].freeze_panes == "B2" for name in book.sheetnames)


def test_followed_accounts_stand_apart_from_members(tmp_path):
    followed = [FollowedAccount(account_id="zed", n_objects=4, n_members=2)]
    finding = dataclasses.replace(make_finding(), followed=followed, kind="both")
    book = book_of(tmp_path, [finding])
    assert column(book, "Findings", "accounts") == [3]
    assert column(book, "Findings", "proof") == ["exchange and own moments"]
    assert "zed" not in column(book, "Accounts", "account")
    assert column(book, "Followed", "followed account") == ["zed"]
    assert column(book, "Followed", "members that did") == [2]
    assert "not a member" in column(book, "Followed", "note")[0]


def test_no_findings_is_a_workbook_too(tmp_path):
    assert column(book_of(tmp_path, []), "Findings", "finding") == []


def test_posts_without_findings_are_all_shown(tmp_path):
    assert column(book_of(tmp_path, [], posts=make_posts(["one", "two"])), "Posts", "text") == ["one", "two"]


@pytest.mark.parametrize("lang", ["fa", "ar"])
def test_no_english_is_left_in_a_workbook_of_another_language(tmp_path, monkeypatch, lang):
    monkeypatch.setattr(workbook, "MAX_ROWS", 3)
    checks = [BenignCheck.of("own-domain", outcome="no-sign", seen=Message("seen.no-links"))]
    finding = dataclasses.replace(make_finding(text="متن"), accounts=["۱", "۲", "۳"], benign=checks, techniques=[])
    own = {lang: "متن"}
    finding = dataclasses.replace(finding, statement={"en": "", **own}, leaders=[], posts=["x/0"], objects=[])
    edges = make_edges([("۱", f"{i}", "link", 60.0, 7, 1.25) for i in range(9)])
    path = write_xlsx(
        tmp_path / "f.xlsx", [finding], edges=edges, groups=NO_GROUPS, posts=make_posts(["متن"]), lang=lang
    )
    book = openpyxl.load_workbook(path)
    kept_texts = {finding.id, "synchrony", "x/0", "ana", "link", "en", "UTC", "Dideban", finding.method}
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    words = {word for text in [*book.sheetnames, *cells] for word in re.findall(r"[A-Za-z_]{2,}", text)}
    kept = {word for text in kept_texts for word in re.findall(r"[A-Za-z_]{2,}", text)}
    assert words - kept - {"fa", "ar", "TZ"} == set()
    assert all(sheet.sheet_view.rightToLeft for sheet in book)


@pytest.mark.parametrize("text", [t for t in NASTY if t != "\ud800"], ids=str)
def test_every_cell_is_text_never_a_formula(tmp_path, text):
    book = book_of(
        tmp_path, [make_finding(text=text, accounts=(f"a{text[:50]}", "bo", text[:50]))], posts=make_posts([text, text])
    )
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert not isinstance(cell.value, str) or len(cell.value.encode("utf-16-le")) <= 2 * 32_767
                assert cell.hyperlink is None
    shown = column(book, "Posts", "text")[0] if book["Posts"].max_row > 1 else None
    assert (shown or "").replace("_x000D_", "") == cell_text(text).strip("\x00") or text in ("", " ")


def test_a_cell_that_looks_like_a_formula_stays_text_when_edited(tmp_path):
    book = book_of(tmp_path, [make_finding()], posts=make_posts(["=1+1", "plain"]))
    cells = {row[4].value: row[4] for row in book["Posts"].iter_rows(min_row=2)}
    assert cells["=1+1"].quotePrefix
    assert not cells["plain"].quotePrefix


def test_sheets_read_from_the_right_where_the_text_does(tmp_path):
    persian = book_of(tmp_path, [make_finding(text="انتخابات شهر ما")], posts=make_posts(["رأی بدهید", "امروز"]))
    english = book_of(tmp_path, [make_finding(text="our town")], posts=make_posts(["vote", "today"]))
    assert persian["Posts"].sheet_view.rightToLeft
    assert persian["Objects"].sheet_view.rightToLeft
    assert not persian["Findings"].sheet_view.rightToLeft
    assert not english["Posts"].sheet_view.rightToLeft
    cell = next(c for c in persian["Posts"][2] if c.value == "رأی بدهید")
    assert cell.alignment.readingOrder == 2


def test_more_rows_than_a_sheet_holds_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_ROWS", 12)
    edges = make_edges([("ana", f"b{i}", "link", 60.0, 7, 1.25) for i in range(16)])
    book = book_of(tmp_path, [make_finding()], edges=edges)
    assert len(column(book, "Links", "weight")) == 11
    about = dict(book["About"].iter_rows(values_only=True))
    assert about["left out of Links"] == "5 rows: this sheet shows 11"
    assert "left out of Posts" not in about


def test_the_same_findings_give_the_same_bytes(tmp_path):
    books = [
        write_xlsx(
            tmp_path / f"{i}.xlsx", [make_finding()], edges=NO_EDGES, groups=NO_GROUPS, posts=make_posts(["one", "two"])
        ).read_bytes()
        for i in range(2)
    ]
    assert books[0] == books[1]
    dates = {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(books[0])).infolist()}
    assert len(dates) == 1


def test_a_table_that_breaks_its_contract_leaves_nothing(tmp_path):
    with pytest.raises(SchemaError):
        write_xlsx(tmp_path / "f.xlsx", [], edges=NO_EDGES, groups=NO_GROUPS, posts=pl.DataFrame())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", ["xlsx", "csv", "gexf", "graphml"])
def test_a_folder_that_is_a_file_is_a_store_error(tmp_path, write):
    (tmp_path / "f").write_text("x")
    path = tmp_path / "f" / "out"
    with pytest.raises(StoreError) as caught:
        {
            "xlsx": lambda: write_xlsx(path, [], edges=NO_EDGES, groups=NO_GROUPS, posts=POSTS.empty()),
            "csv": lambda: write_csv(path, NO_EDGES),
            "gexf": lambda: write_gexf(path, NO_EDGES, groups=NO_GROUPS),
            "graphml": lambda: write_graphml(path, NO_EDGES, groups=NO_GROUPS),
        }[write]()
    assert caught.value.exit_code == 13


def test_cells_are_cut_by_utf16_units():
    assert len(cell_text("x" * 32_767)) == 32_767
    assert cell_text("x" * 32_768).endswith("…")
    cut = cell_text("😀" * 20_000)
    assert len(cut.encode("utf-16-le")) // 2 <= 32_767
    assert cut.endswith("😀…")


# --- CSV -------------------------------------------------------------------------------------------------------------


def csv_rows(path) -> list[list[str]]:
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", [t for t in NASTY if t not in ("", "\ud800")], ids=str)
def test_csv_cells_are_never_formulas(tmp_path, text):
    rows = csv_rows(write_csv(tmp_path / "p.csv", pl.DataFrame({"text": [text], "n": [-5], text[:20] + "k": ["x"]})))
    assert len(rows) == 2
    assert [len(row) for row in rows] == [3, 3]
    for cell in (rows[0][2], rows[1][0]):
        assert not is_formula(cell)
        assert "\x00" not in cell
    assert rows[1][0].removeprefix("'") == clean(text).removeprefix("'") or rows[1][0] == clean(text)
    assert rows[1][1] == "-5"


def test_csv_of_posts_keeps_times_lists_and_scripts(tmp_path):
    rows = csv_rows(write_csv(tmp_path / "p.csv", make_posts(["می‌شود، «بله»"])))
    row = dict(zip(rows[0], rows[1], strict=True))
    assert row["text"] == "می‌شود، «بله»"
    assert row["created_at"] == "2024-03-01T00:00:00Z"
    assert row["urls"] == "می‌شود، «بله»"
    assert row["repost_of"] == ""


def test_csv_of_an_empty_table_has_its_header(tmp_path):
    assert csv_rows(write_csv(tmp_path / "e.csv", EDGES.empty())) == [EDGES.names]


# --- networks --------------------------------------------------------------------------------------------------------

WRITERS = {"gexf": (write_gexf, nx.read_gexf), "graphml": (write_graphml, nx.read_graphml)}


@pytest.mark.parametrize("kind", WRITERS)
def test_followed_accounts_are_nodes_in_no_group(tmp_path, kind):
    write, read = WRITERS[kind]
    followed = pl.DataFrame([(0, "zed", 4, 2), (2, "zed", 3, 1)], schema=FOLLOWED.dtypes, orient="row")
    graph = read(write(tmp_path / f"n.{kind}", NO_EDGES, groups=make_groups([(0, "ana")]), followed=followed))
    nodes = {data["account"]: data for _, data in graph.nodes(data=True)}
    assert (nodes["zed"]["group"], nodes["zed"]["groups"], nodes["zed"]["followed_by"]) == (-1, "", "0|2")
    assert nodes["ana"]["followed_by"] == ""
    assert graph.number_of_edges() == 0


@pytest.mark.parametrize("kind", WRITERS)
def test_networks_come_back_with_weights_and_groups(tmp_path, kind):
    write, read = WRITERS[kind]
    edges = make_edges(
        [
            ("ana", "bo", "link", 10.0, 2, 3.0),
            ("ana", "bo", "link", 60.0, 5, 9.0),
            ("ana", "bo", "text", 60.0, 1, 1.0),
            ("bo", "cy", "link", 60.0, 4, 2.0),
        ]
    )
    groups = make_groups([(0, "ana"), (0, "bo"), (1, "bo"), (2, "dot")])
    graph = read(write(tmp_path / f"n.{kind}", edges, groups=groups, labels={"ana": "Ana's page"}))
    by_account = {data["account"]: (node, data) for node, data in graph.nodes(data=True)}
    assert set(by_account) == {"ana", "bo", "cy", "dot"}
    assert by_account["ana"][1]["label"] == "Ana's page"
    assert (by_account["bo"][1]["group"], by_account["bo"][1]["groups"], by_account["bo"][1]["strength"]) == (
        0,
        "0|1",
        3.0,
    )
    assert by_account["cy"][1]["group"] == -1
    line = graph.edges[by_account["ana"][0], by_account["bo"][0]]
    assert (line["weight"], line["kinds"], line["window_s"], line["mean_delay_s"]) == (6.0, "link|text", 60.0, 9.0)
    assert graph.number_of_edges() == 2


@pytest.mark.parametrize("kind", WRITERS)
@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.one_of(st.text(min_size=1), st.sampled_from([n for n in NASTY if n and n != "\ud800"])),
        min_size=2,
        max_size=6,
        unique=True,
    )
)
def test_networks_are_valid_xml_whatever_the_names(tmp_path_factory, kind, names):
    write, read = WRITERS[kind]
    a, *others = sorted(names)
    path = tmp_path_factory.mktemp("n") / f"n.{kind}"
    write(
        path,
        make_edges([(a, b, "link", 60.0, 2, 3.0) for b in others]),
        groups=make_groups([(0, a)]),
        labels={a: names[-1]},
    )
    root = ET.fromstring(path.read_bytes())
    assert len(root.findall(".//{*}node")) == len(names)
    assert read(path).number_of_edges() == len(others)


@pytest.mark.parametrize("kind", WRITERS)
def test_networks_do_not_depend_on_row_order(tmp_path, kind):
    write, _ = WRITERS[kind]
    edges = make_edges(
        [("a", "b", "link", 60.0, 5, 9.0), ("a", "c", "link", 60.0, 5, 8.0), ("b", "c", "text", 60.0, 1, 1.0)]
    )
    groups = make_groups([(0, "a"), (0, "b"), (1, "c")])
    one = write(tmp_path / "1", edges, groups=groups).read_bytes()
    assert write(tmp_path / "2", edges.reverse(), groups=groups.reverse()).read_bytes() == one


@pytest.mark.parametrize("kind", WRITERS)
def test_an_empty_network_is_valid(tmp_path, kind):
    write, read = WRITERS[kind]
    assert read(write(tmp_path / "n", NO_EDGES, groups=NO_GROUPS)).number_of_nodes() == 0


# --- text ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("سلام دنیا", True),
        ("hello", False),
        ("سلام hi", True),
        ("hello سلام", False),
        ("", False),
        ("123 !", False),
        ("שלום", True),
    ],
)
def test_direction_of_text(text, right):
    assert is_right_to_left(text) == right


def test_cleaning_keeps_joiners_and_scripts():
    assert clean("می‌شود\u200fא\tb\nc") == "می‌شود\u200fא\tb\nc"
    assert clean("a\u202eb\x00c\ufffe") == "a�b�c�"
