"""``dideban scan`` as a program against input and circumstances that are broken, hostile or both."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import resource
import signal
import subprocess
import time
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from functional.program import PROGRAM, QUIET, Room

STEERING = "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C]))
CONTROLS = "".join(chr(n) for n in range(32) if chr(n) not in "\n\t") + "\x7f\ufffe"
HEAD = "post_id,account_id,platform,created_at,text,urls\n"


def line(n: int, account: str = "ana", at: str = "2024-05-01T09:00:00Z", text: str = "words") -> str:
    return f'{n},{account},x,"{at}","{text}",https://example.org/{n // 8}\n'


GOOD = HEAD + "".join(line(n, f"a{n % 4}", f"2024-05-01T{n // 8:02d}:00:{n % 8:02d}Z") for n in range(64))
"""Four accounts that share eight links within seconds: one finding by the threshold rule."""


DAMAGED = Path(__file__).parents[1] / "testdata" / "damaged.parquet"
"""Made-up posts, damaged so that Polars 2.1 ends the process that reads them."""


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def run_of(folder: Path) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads((folder / "findings.json").read_text())
    return whole["run"]  # type: ignore[no-any-return]


def findings_of(folder: Path) -> list[Any]:
    return json.loads((folder / "findings.json").read_text())["findings"]  # type: ignore[no-any-return]


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("posts.csv", "w") as member:
        member.write(HEAD.encode())
        for _ in range(80):
            member.write(b"0" * 1_000_000)
    return packed.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes | str], str]] = {
    "empty.csv": (lambda: b"", "empty"),
    "header.csv": (lambda: HEAD, "it has a header but no rows"),
    "column.csv": (lambda: "text\nhello\nworld\n", "single column"),
    "noise.csv": (lambda: random.Random(1).randbytes(20_000), "not text"),
    "picture.csv": (lambda: b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(3000), "not text"),
    "bomb.zip": (bomb, "expands more than"),
    "bomb.csv.gz": (lambda: gzip.compress(HEAD.encode() + b"0" * 80_000_000, 1), "bomb.csv.gz"),
    "unknown.csv": (lambda: "foo,bar,baz\n1,2,3\n4,5,6\n", "no column for account_id"),
    "hopeless.csv": (lambda: HEAD + "".join(line(n, at="some day") for n in range(20)), "no usable row"),
    "bare.csv": (lambda: GOOD.split("\n", 1)[1], "the first line looks like a row"),
    "damaged.parquet": (DAMAGED.read_bytes, "a damaged Parquet file"),
    "deep.json": (lambda: "[" * 100_000, "deep.json"),
    "broken.ndjson": (lambda: '{"a": 1}\n{oops\n' * 5, "broken.ndjson"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_without_posts_is_refused_in_one_sentence(room: Room, name: str) -> None:
    make, said = REFUSED[name]
    done = room.scan(room.file(name, make()))
    assert done.returncode == 10
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert room.leftovers() == set()


def test_a_file_that_is_not_there(room: Room) -> None:
    done = room.scan("nowhere.csv")
    assert done.returncode == 10
    assert "nowhere.csv" in done.stderr


TIMES = {
    "2024-05-01T09:00:00Z": None,
    "2024-05-01 09:00:00": None,
    "1714554000": None,
    "1714554000000": None,
    "1714554000000000": None,
    "Wed May 01 09:00:00 +0000 2024": None,
    "Wed, 01 May 2024 09:00:00 GMT": None,
    "2024-05-01T12:30:00+03:30": None,
    "1 May 2024 09:00": None,
    "May 1, 2024 9:00 AM": None,
    "01.05.2024 09:00": None,
    "05/01/2024 09:00": None,
    "2024/05/01 09:00": None,
    "20240501090000": None,
    "۲۰۲۴-۰۵-۰۱ ۰۹:۰۰": None,
    "1970-01-01T00:00:00Z": "time-out-of-range",
    "2262-04-11T23:47:16Z": "time-out-of-range",
    "1403/02/12 09:00": None,
    "1412/02/12": "time-jalali",
    "-5": "time-out-of-range",
    "99999999999999999999": "time-out-of-range",
    "yesterday": "time-relative",
    "": "time-missing",
}


@pytest.mark.slow
def test_rows_that_cannot_be_used_are_set_aside_with_their_reason(room: Room) -> None:
    """Each file holds the good posts of its own platform and something broken."""
    files = {
        "quotes.csv": (GOOD + '99,a1,x,2024-05-01T09:00:00Z,"never closed,u\n' + line(100), "quote-unbalanced"),
        "nul.csv": (GOOD + line(99, "a\0b"), "nul-byte"),
        "mixed.csv": (GOOD.encode() + line(99, text="سلام").encode() + line(98, text="é").encode("latin-1"), "encoding-invalid"),
        "cut.csv.gz": (gzip.compress("".join([GOOD, *(line(n) for n in range(64, 900))]).encode())[:-40], "file-truncated"),
        "huge.csv": (GOOD + line(99, text="y" * 50_000_000), "field-too-large"),
    }  # fmt: skip
    for name, (content, _) in files.items():
        room.file(name, content)
    (room.folder / "linked.csv").symlink_to(room.folder / "nul.csv")
    done = room.scan(*files, "linked.csv")
    assert done.returncode == 0, done.stderr
    run = run_of(room.folder / "out")
    with (room.folder / "out" / "rejects.csv").open(encoding="utf-8-sig", newline="") as rejects:
        rows = list(csv.DictReader(rejects))
    for name, (_, reason) in files.items():
        assert reason in {row["reason"] for row in rows if name in row["source"]}, name
        assert run["reject_reasons"][reason] >= 1
    assert all(len(row["value"]) <= 201 for row in rows)
    # Every file repeats the same 64 posts; the first arrival wins.
    assert run["counts"]["duplicates"] >= 64 * 5
    assert [len(finding["accounts"]) for finding in findings_of(room.folder / "out")] == [4]


def test_links_are_followed_inside_a_folder_and_never_out_of_it_or_in_circles(room: Room) -> None:
    posts = room.folder / "posts"
    (posts / "inner").mkdir(parents=True)
    (posts / "inner" / "a.csv").write_text(GOOD)
    (posts / "again.csv").symlink_to(posts / "inner" / "a.csv")
    (posts / "circle").symlink_to(posts)
    (posts / "nowhere.csv").symlink_to(room.folder / "gone.csv")
    room.file("secret.csv", GOOD.replace(",a", ",secret"))
    (posts / "leak.csv").symlink_to(room.folder / "secret.csv")
    done = room.scan("posts")
    assert done.returncode == 0, done.stderr
    run = run_of(room.folder / "out")
    assert run["counts"]["posts"] == 64
    assert sorted({source["name"] for source in run["inputs"]} & {"leak.csv", "nowhere.csv"}) == []
    assert "secret" not in "".join(pl.read_parquet(room.folder / "out" / "posts.parquet")["account_id"])


def test_a_damaged_file_among_sound_ones_costs_itself_alone(room: Room) -> None:
    room.file("posts.csv", GOOD)
    room.file("damaged.parquet", DAMAGED.read_bytes())
    done = room.run("scan", "damaged.parquet", "posts.csv", "--out", "out", "--method", "threshold", "--keep-ids")
    assert done.returncode == 0, done.stderr
    assert "1 row rejected (1 file-unreadable" in done.stdout
    assert run_of(room.folder / "out")["counts"]["posts"] == 64
    shares = room.run("coshare", "damaged.parquet", "--map", "object_id=urls", "--out", "edges.csv")
    assert shares.returncode == 10
    assert "a damaged Parquet file" in shares.stderr


@pytest.mark.slow
def test_times_are_read_or_refused_never_misread(room: Room) -> None:
    table = HEAD + "".join(line(n, f"t{n}", at) for n, at in enumerate(TIMES))
    room.file("times.csv", table)
    done = room.run("scan", "times.csv", "--out", "out", *QUIET, "--set", "ingest.max_reject_share=0.9")
    assert done.returncode == 0, done.stderr
    posts = pl.read_parquet(room.folder / "out" / "posts.parquet")
    nine = posts.filter(pl.col("created_at").dt.strftime("%F %T") == "2024-05-01 09:00:00")
    assert set(nine["account_id"]) == {f"t{n}" for n, reason in enumerate(TIMES.values()) if reason is None}
    assert posts.height == nine.height
    wanted: dict[str, int] = {}
    for reason in TIMES.values():
        if reason:
            wanted[reason] = wanted.get(reason, 0) + 1
    assert run_of(room.folder / "out")["reject_reasons"] == wanted


# Hostile content ------------------------------------------------------------------------------------------------------

SCRIPT = "<script>alert(1)</script>"
ESCAPES = "\x1b[2J\x1b]0;owned\x07"
ACCOUNTS = [
    SCRIPT + "a",
    '=HYPERLINK("http://evil.example","b")',
    "\u202ec\u2066",
    "]]>&\"'<d/>\x0b\ufffe",
    "+1+1",
    "@SUM(A1)",
]


def hostile_posts() -> Iterator[dict[str, Any]]:
    for n in range(48):
        act, member = divmod(n, 6)
        yield {
            "id": f"{SCRIPT}{n}\x1b",
            "author": ACCOUNTS[member],
            "platform": 'x"><svg onload=alert(2)>\u202e',
            "created_at": f"2024-05-01T{8 + act:02d}:00:{member * 3:02d}Z",
            "text": f"=cmd|' /C calc'!A{act} <img src=x onerror=alert(3)> {ESCAPES}\u202e"
            + f"</script></textarea>{SCRIPT} every reader sees hostile sentence number {act * act} of this collection",
            "lang": '"><script>alert(4)</script>',
            "urls": [f'https://example.org/{act}/"><script>alert(5)</script>\u202e', "javascript:alert(6)"],
            "hashtags": ["<b>x", "=1+1", f"tag{act}\u202e", "\x1b[31m"],
            "place": "{{7*7}}<iframe src=//evil.example>",
        }


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """One scan of posts that attack every reader of the result; also the file name does."""
    room = Room(tmp_path_factory.mktemp("hostile"))
    name = "<img src=x onerror=alert(7)>\u202e=1+1.ndjson" if os.name == "posix" else "posts.ndjson"
    room.file(name, "".join(json.dumps(post) + "\n" for post in hostile_posts()))
    done = room.run("scan", name, "--out", "out", "--method", "threshold", "--keep-ids")
    assert done.returncode == 0, done.stderr
    return room.folder / "out", done


@pytest.mark.slow
def test_hostile_posts_are_found_all_the_same(hostile: tuple[Path, Any]) -> None:
    (finding,) = findings_of(hostile[0])
    assert len(finding["accounts"]) == 6
    assert {trace["kind"] for trace in finding["traces"]} >= {"link", "hashtags"}


@pytest.mark.slow
def test_terminal_output_cannot_steer_the_terminal(hostile: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    said = hostile[1].stdout + hostile[1].stderr
    assert "6 accounts" in said
    assert not set(said) & set(STEERING + CONTROLS)


class _Page(HTMLParser):
    """Elements, attributes and scripts of a page as a browser sees them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "script":
            self.scripts.append("")
            self.set_cdata_mode(tag)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts[-1] += data


OUR_ISOLATES = {"\u2066", "\u2068", "\u2069"}
"""What sentences in right-to-left languages set around values, always in pairs."""


def _is_balanced(line: str) -> bool:
    return sum(line.count(sign) for sign in "\u2066\u2068") == line.count("\u2069")


@pytest.mark.slow
def test_the_reports_are_inert(hostile: tuple[Path, Any]) -> None:
    pages = sorted(hostile[0].rglob("report.html"))
    assert len(pages) == 2
    for path in pages:
        text = path.read_text("utf-8")
        page = _Page(text)
        assert not page.tags & {"img", "iframe", "object", "embed", "base", "textarea"}
        assert not [name for name, _ in page.attributes if name.startswith("on")]
        links = [value for name, value in page.attributes if name in ("href", "src", "action")]
        assert all(value.startswith(("#", "https://example.org/", "data:,")) for value in links), links
        assert not any("alert(" in script for script in page.scripts if not script.lstrip().startswith(("{", "[")))
        assert "hostile sentence" in text
        assert not (set(text) - OUR_ISOLATES) & set(
            STEERING + CONTROLS.replace("\ufffe", "")
        )  # no character to a browser
        assert all(_is_balanced(line) for line in text.splitlines())


@pytest.mark.slow
def test_the_network_files_are_well_formed_and_inert(hostile: tuple[Path, Any]) -> None:
    for name in ("network.gexf", "network.graphml"):
        text = (hostile[0] / name).read_text("utf-8")
        root = ET.fromstring(text)
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert "script" not in tags
        assert "node" in tags
        assert len([e for e in root.iter() if e.tag.endswith("}node")]) == 6
        assert not set(text) & set(STEERING + CONTROLS)


@pytest.mark.slow
def test_no_spreadsheet_holds_a_formula(hostile: tuple[Path, Any]) -> None:
    book = openpyxl.load_workbook(hostile[0] / "findings.xlsx")
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert any("=HYPERLINK" in str(cell.value) for cell in cells)
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert not set("".join(str(cell.value) for cell in cells)) & set(STEERING + CONTROLS)
    for name in ("findings.csv", "rejects.csv"):
        with (hostile[0] / name).open(encoding="utf-8-sig", newline="") as table:
            fields = [field for row in csv.reader(table) for field in row if field]
        assert not [field for field in fields if field[0] in "=+-@\t\r"]


@pytest.mark.slow
def test_hostile_findings_verify(hostile: tuple[Path, Any]) -> None:
    (package,) = (hostile[0] / "findings").iterdir()
    assert package.name.isalnum()
    done = subprocess.run([*PROGRAM, "verify", str(package)], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout + done.stderr) & set(STEERING + CONTROLS)


# Disks, signals and folders -------------------------------------------------------------------------------------------


def test_a_folder_of_somebody_else_is_not_touched(room: Room) -> None:
    room.file("posts.csv", GOOD)
    (room.folder / "out").mkdir()
    (room.folder / "out" / "thesis.txt").write_text("years of work")
    done = room.scan("posts.csv")
    assert done.returncode == 13
    assert "not a result of dideban" in done.stderr
    assert [path.name for path in (room.folder / "out").iterdir()] == ["thesis.txt"]
    assert room.leftovers() == {"out"}


@pytest.mark.parametrize("out", ["posts.csv", "posts.csv/out", "closed/out"])
def test_output_that_cannot_be_written(room: Room, out: str) -> None:
    room.file("posts.csv", GOOD)
    (room.folder / "closed").mkdir(mode=0o500)
    if out.startswith("closed") and os.access(room.folder / "closed", os.W_OK):
        pytest.skip("this user may write anywhere")
    done = room.scan("posts.csv", out=out)
    assert done.returncode == 13
    assert done.stderr.startswith("error: ")
    assert (room.folder / "posts.csv").read_text() == GOOD
    assert room.leftovers() == set()


@pytest.mark.parametrize("limit", [200, 20_000])
def test_a_full_disk_leaves_nothing_half_written(room: Room, limit: int) -> None:
    room.file("posts.csv", GOOD)
    (room.folder / "key").write_bytes(bytes(32))
    done = room.scan("posts.csv", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert done.returncode == 13, done.stderr
    assert "cannot be written" in done.stderr
    assert room.leftovers() == set()


def test_a_disk_that_is_really_full(room: Room) -> None:
    """A file system of 300 kB in a name space of its own, where this system lets a user make one."""
    room.file("posts.csv", GOOD)
    (room.folder / "key").write_bytes(bytes(32))
    (room.folder / "small").mkdir()
    mount = ["unshare", "-Urm", "sh", "-c", 'mount -t tmpfs -o size=300k none small && exec "$@"; exit 99', "sh"]
    program = [*PROGRAM, "scan", "posts.csv", "--out", "small/out", *QUIET]
    settings: dict[str, Any] = {"cwd": room.folder, "env": room.environment, "capture_output": True, "text": True}
    try:
        able = subprocess.run([*mount, "true"], check=False, timeout=60, **settings)
    except FileNotFoundError:
        pytest.skip("no such name spaces here")
    if able.returncode:
        pytest.skip("this user may not mount")
    done = subprocess.run([*mount, *program], check=False, timeout=300, **settings)
    assert done.returncode == 13, done.stderr
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def _until(room: Room, process: subprocess.Popen[str], name: str) -> None:
    """Wait until the run has written something of its result, so that it is stopped in the middle."""
    end = time.monotonic() + 60
    while not any(room.folder.glob(f".out.*.part/new/{name}")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.slow
def test_stopping_and_killing_leave_no_result_and_do_not_change_the_next(room: Room) -> None:
    room.file("posts.csv", GOOD)
    assert room.scan("posts.csv", out="whole_out").returncode == 0
    arguments = ("scan", "posts.csv", "--out", "out", *QUIET)

    process = room.start(*arguments)
    _until(room, process, "posts.parquet")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert room.leftovers() == {"whole_out"}

    process = room.start(*arguments)
    _until(room, process, "posts.parquet")
    process.kill()
    process.communicate(timeout=60)
    assert not (room.folder / "out").exists()

    time.sleep(2.1)  # atomic.START_S: a part younger than this may be that of a writer that has only begun
    process = room.start(*arguments)  # a process sweeps a folder once, so not in this one
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert room.leftovers() == {"whole_out", "out"}
    assert findings_of(room.folder / "out") == findings_of(room.folder / "whole_out")
    # An earlier result of ours is replaced, whole.
    (room.folder / "out" / "stale.txt").write_text("from before")
    assert room.run(*arguments).returncode == 0
    assert not (room.folder / "out" / "stale.txt").exists()
    assert findings_of(room.folder / "out") == findings_of(room.folder / "whole_out")


@pytest.mark.parametrize("method", ["threshold", "synchrony", "coortweet", "qut"])
@pytest.mark.parametrize("span_us", [0, 1, 47, 1_000_000])
def test_no_span_of_time_is_too_short_for_the_report(room: Room, method: str, span_us: int) -> None:
    at = [f"2024-01-01T00:00:00.{n * span_us // 5 % 1_000_000:06d}Z" for n in range(6)]
    rows = [f"{n},{'abc'[n % 3]},x,{at[n]},,https://example.org/{n // 3}\n" for n in range(6)]
    name = room.file("one.csv", HEAD + "".join(rows))
    done = room.run("scan", name, "--out", "out", "--method", method, "--keep-ids", "--quiet")
    assert done.returncode == 0, done.stderr
    assert (room.folder / "out" / "report.html").stat().st_size > 10_000
    findings = json.loads((room.folder / "out" / "findings.json").read_text("utf-8"))["findings"]
    if method in ("threshold", "synchrony"):  # the peers' rules have cuts of their own
        assert [one["n_accounts"] for one in findings] == ([3] if method == "threshold" else [])


def test_one_object_at_one_instant_is_drawn(room: Room) -> None:
    name = room.file("one.csv", HEAD + "".join(line(0, who).replace("0,", f"{n},", 1) for n, who in enumerate("abc")))
    room.environment |= {"DIDEBAN_COSHARE__MIN_WEIGHT": "1", "DIDEBAN_COSHARE__MIN_PARTICIPATION": "1"}
    assert room.scan(name).returncode == 0
    findings = json.loads((room.folder / "out" / "findings.json").read_text("utf-8"))["findings"]
    assert [(one["n_accounts"], one["n_objects"]) for one in findings] == [(3, 1)]
