"""Ways of writing CSV that are told from the beginning of a file."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from dideban.config import IngestConfig
from dideban.errors import InputError
from dideban.ingest import inspect_file, read_shares
from dideban.ingest.columns import suggest
from dideban.ingest.dialects import doubled, sniff_dialect

HEAD = "id,author,time,text\n"


def escaped(rows: list[list[str]]) -> str:
    """CSV as MySQL, pandas with an escape character and many exports write it."""
    out = io.StringIO()
    writer = csv.writer(out, doublequote=False, escapechar="\\", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(rows)
    return out.getvalue()


def test_quotation_marks_escaped_by_a_backslash(intake):
    texts = ['he said "go, now"', "a path C:\\temp\\", 'both \\ and "', "plain"]
    rows = [[str(i), "ann", "2024-05-01T12:00:00Z", text] for i, text in enumerate(texts)]
    got = intake(escaped([HEAD.strip().split(","), *rows]))
    assert got.rejects == []
    assert sorted(got.column("text")) == sorted(texts)
    assert any('written \\"' in note for note in map(str, got.intake.files[0].notes))


def test_a_backslash_at_the_end_of_a_field_is_no_escape(intake):
    got = intake(HEAD + '1,ann,2024-05-01T12:00:00Z,"C:\\temp\\"\n2,ben,2024-05-01T12:00:01Z,"say ""hi"""\n')
    assert got.rejects == []
    assert got.column("text") == ["C:\\temp\\", 'say "hi"']


@given(st.lists(st.text('ab,\\"\n'), min_size=1, max_size=6), st.lists(st.integers(0, 80), max_size=6))
def test_escapes_are_undone_wherever_the_bytes_are_cut(cells, cuts):
    data = escaped([cells]).encode()
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    blocks = (data[start:stop] for start, stop in pairwise(places))
    text = b"".join(doubled(blocks)).decode()
    assert next(csv.reader(io.StringIO(text), strict=True)) == cells


@pytest.mark.parametrize("line", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n', "\ufeffsep=;\n"])
def test_the_line_that_tells_excel_of_the_delimiter(intake, line):
    got = intake(line + "id;author;time;text\n1;ann;2024-05-01T12:00:00Z;a, b, c\n2;ben;soon;x\n")
    assert got.column("text") == ["a, b, c"]
    assert got.rejects == [(2, "time-unreadable")]


BARE = "1,ann,2024-05-01T12:00:00Z,one\n2,ben,2024-05-01T12:00:01Z,two\n"
PLACES = {"post_id": "1", "account_id": "2", "created_at": "3", "text": "4"}


def test_a_file_without_a_header_says_so_and_how_to_go_on(intake):
    with pytest.raises(InputError, match="no column for account_id and created_at among: 1, ann") as caught:
        intake(BARE)
    assert "looks like a row" in str(caught.value.hint)
    assert "--map account_id=2 --map created_at=3" in str(caught.value.hint)


def test_columns_are_named_by_place(intake):
    got = intake(BARE, mapping=PLACES)
    assert got.column("account_id") == ["ann", "ben"]
    assert got.column("text") == ["one", "two"]
    assert got.law
    assert "no header" in str(got.intake.files[0].notes[0])
    # A header that is there is none of the rows.
    assert intake("n,who,when,what\n" + BARE, mapping=PLACES).column("account_id") == ["ann", "ben"]
    # A column called by a number is meant by it.
    assert intake("2,who,3,time\nann,x,y,2024-05-01\n", mapping={"account_id": "2"}).column("account_id") == ["ann"]


def test_a_sheet_without_a_header(intake):
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for n, row in enumerate(csv.reader(BARE.splitlines())):
            sheet.write_row(n, 0, row)
    got = intake(book.getvalue(), mapping=PLACES)
    assert got.column("account_id") == ["ann", "ben"]
    assert any("no header" in note for note in map(str, got.intake.files[0].notes))


def test_shares_by_place_and_with_other_ways_of_writing(tmp_path):
    path = tmp_path / "shares.csv"
    path.write_text("ann,https://example.org/1,p1,100\nben,https://example.org/1,p2,105\n")
    places = {"account_id": "1", "object_id": "2", "post_id": "3", "created_s": "4"}
    config = IngestConfig(keep_ids=True)
    path.write_text("ann,https://example.org/1,p1,1714564800\nben,https://example.org/1,p2,1714564805\n")
    shares, _ = read_shares(path, config=config, key=b"", mapping=places)
    assert shares["account_id"].to_list() == ["ann", "ben"]
    path.write_text("sep=;\naccount_id;object_id;post_id;created_s\nann;x;1;5\n")
    shares, rejects = read_shares(path, config=config, key=b"")
    assert (shares.row(0), rejects.height) == (("ann", "x", "1", 5), 0)
    path.write_text(escaped([["account_id", "object_id", "post_id", "created_s"], ["ann", 'x "y", z', "1", "5"]]))
    assert read_shares(path, config=config, key=b"")[0]["object_id"].to_list() == ['x "y", z']
    with pytest.raises(InputError) as caught:
        read_shares(path, config=config, key=b"", mapping={"object_id": "created_s"})
    assert "created_s" in str(caught.value)


def test_what_inspect_says_of_them(tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text(BARE)
    (part,) = inspect_file(path, config=IngestConfig(), mapping=PLACES).parts
    assert part.columns == ["column_1", "column_2", "column_3", "column_4"]
    assert part.n_sample == 2
    assert "the file has no header: its columns are numbered" in list(map(str, part.notes))
    path.write_text("sep=;\nid;author;time\n1;a;2024-05-01\n")
    assert inspect_file(path, config=IngestConfig()).parts[0].delimiter == ";"


def test_a_header_only_file(intake, tmp_path):
    with pytest.raises(InputError, match="input-0: it has a header but no rows"):
        intake(HEAD)
    with pytest.raises(InputError, match="nor have 1 more files"):
        intake(HEAD, "sep=;\nid;author;time\n")
    got = intake(HEAD, HEAD + "1,a,2024-05-01,x\n")
    assert "it has a header but no rows" in list(map(str, got.intake.files[0].notes))


def test_an_unnamed_first_column_is_no_missing_header():
    dialect = sniff_dialect(",author,time\n0,a,2024\n")
    assert dialect is not None
    assert dialect.header[0] == "column_1"
    assert dialect.notes == []


def test_suggestions_name_columns_that_look_the_part():
    names = ["row", "posted_by_user", "day and time", "words"]
    assert str(suggest(["account_id", "created_at"], names)) == (
        "name them, e.g. --map account_id=posted_by_user --map created_at='day and time'"
    )
    assert str(suggest(["account_id"], names, taken=["posted_by_user"])).startswith("name it: --map account_id=COLUMN")
