"""What is written: pages that ask the network for nothing, and a QTI 3.0 package that holds together."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from dideban.errors import StoreError
from dideban.exercises import make_set, write_exercises
from dideban.exercises.outputs import files_of
from dideban.exercises.page import render_exercise
from dideban.exercises.qti import ITEM_SPACE, PACKAGE_SPACE, qti_package
from unit.exercises.cases import make_case

CASES = [make_case(1), make_case(2), make_case(3, verdict="declared")]
MADE = {lang: make_set(CASES, lang=lang, seed=1, n=10) for lang in ("en", "ar", "fa")}
FILES = files_of(MADE)
PAGES = sorted(name for name in FILES if name.endswith(".html"))
Q, P = f"{{{ITEM_SPACE}}}", f"{{{PACKAGE_SPACE}}}"


class Seen(HTMLParser):
    """What a page asks for and how its fields are named."""

    def __init__(self) -> None:
        super().__init__()
        self.root, self.asked, self.names, self.links, self.labelled, self.inputs = {}, [], set(), [], 0, 0
        self.depth = 0

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "html":
            self.root = found
        if tag == "label":
            self.depth += 1
        if tag in {"input", "textarea"}:
            self.inputs += 1
            self.labelled += self.depth > 0
        self.asked += [value for name, value in found.items() if name in {"src", "srcset", "action", "data", "poster"}]
        if "href" in found:
            self.links.append(found["href"])
        if tag == "link":
            assert found == {"rel": "icon", "href": "data:,"}

    def handle_endtag(self, tag):
        self.depth -= tag == "label"


def seen(name):
    parser = Seen()
    parser.feed(FILES[name].decode())
    return parser


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_small_asks_for_nothing_and_names_its_fields(name):
    page, text = seen(name), html.unescape(FILES[name].decode())
    assert len(FILES[name]) < 300_000
    assert page.root == {"lang": name[:2], "dir": "ltr" if name.startswith("en") else "rtl"}
    assert page.asked == []
    assert all(
        link.startswith(("#", "../", "data:,")) or link in {n.split("/")[1] for n in FILES} for link in page.links
    )
    assert page.labelled == page.inputs
    assert "default-src 'none'" in text
    assert not re.search(
        r"fetch\(|XMLHttpRequest|localStorage|sessionStorage|cookie\b(?!\.)|sendBeacon|WebSocket", _code(text)
    )


def _code(text: str) -> str:
    script = text.rsplit("<script>", 1)[-1] if "<script>" in text else ""
    return re.sub(r"//.*", "", script)


def test_links_between_pages_lead_to_pages():
    for name in PAGES:
        here = name.split("/")[0]
        for link in seen(name).links:
            if not link.startswith(("#", "data:")):
                assert (link.removeprefix("../") if link.startswith("../") else f"{here}/{link}") in FILES


def test_what_stands_in_an_exercise_cannot_become_code():
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    exercise = MADE["en"][0]
    item = replace(exercise.items[0], texts=(evil,), reason=evil, label=evil)
    page = render_exercise(replace(exercise, items=(item, *exercise.items[1:]), story=evil, title=evil))
    assert page.count("<script") == 2
    assert "<img" not in page
    key = json.loads(re.search(r'id="key">(.*?)</script>', page, re.S)[1])
    assert key["story"] == evil


def test_the_answer_sheet_holds_every_answer_and_reason():
    for name, exercise in zip(sorted(n for n in PAGES if "fa/exercise" in n), MADE["fa"], strict=True):
        sheet = FILES[name].decode().split('class="sheet"')[1]
        for item in exercise.items:
            assert item.reason.replace("'", "&#39;") in sheet


def test_the_course_deals_every_lesson_an_exercise_at_most_once():
    text = FILES["en/course.html"].decode()
    linked = re.findall(r'href="(exercise-\d\d\.html)"', text)
    assert text.count("<li><h2>") == 10
    assert len(linked) == len(set(linked)) >= 8


def test_the_same_cases_give_the_same_bytes(tmp_path):
    assert files_of(MADE) == FILES
    out = tmp_path / "out"
    assert write_exercises(out, materials=CASES, seed=1, n=10) == {"en": 10, "fa": 10, "ar": 10}
    assert {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()} == FILES
    write_exercises(out, materials=CASES, seed=2, n=3)  # its own folder is replaced
    assert not (out / "en" / "exercise-10.html").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(StoreError):
        write_exercises(tmp_path / "mine", materials=CASES, seed=1, n=3)


@pytest.mark.parametrize("lang", ["en", "fa", "ar"])
def test_a_qti_package_names_what_it_holds_and_holds_what_it_names(lang):
    files = _unzipped(qti_package(MADE[lang]))
    manifest = ET.fromstring(files["imsmanifest.xml"])
    resources = manifest.findall(f".//{P}resource")
    assert {one.get("href") for one in resources} == set(files) - {"imsmanifest.xml"}
    names = {one.get("identifier") for one in resources}
    assert {one.get("identifierref") for one in manifest.iter(f"{P}dependency")} == names - {"test"}
    test = ET.fromstring(files["test.xml"])
    assert {one.get("href") for one in test.iter(f"{Q}qti-assessment-item-ref")} == {
        name for name in files if name.startswith("items/")
    }


ORDER = [
    "qti-response-declaration", "qti-outcome-declaration", "qti-outcome-declaration", "qti-item-body",
    "qti-response-processing", "qti-modal-feedback",
]  # fmt: skip
"""The order of children that the schema of QTI 3.0 asks for."""


def test_every_qti_item_has_one_interaction_whose_right_answers_can_be_given():
    kinds = set()
    for name, data in _unzipped(qti_package(MADE["fa"])).items():
        if not name.startswith("items/"):
            continue
        item = ET.fromstring(data)
        assert [child.tag.removeprefix(Q) for child in item] == ORDER
        assert item.get("identifier") == name[6:-4]
        assert re.fullmatch(r"[A-Za-z_][\w.-]*", item.get("identifier"))
        body = item.find(f"{Q}qti-item-body")
        assert body.get("dir") == "rtl"
        (box,) = [one for one in body if one.tag.endswith("interaction")]
        kinds.add(box.tag.removeprefix(Q))
        given = {one.get("identifier") for one in box if one.get("identifier")}
        declared = item.find(f"{Q}qti-response-declaration")
        right = [one.text for one in declared.iter(f"{Q}qti-value")]
        assert right
        assert set(" ".join(right).split()) <= given
        assert declared.get("cardinality") == ("single" if box.get("max-choices") == "1" else "multiple")
    assert kinds == {"qti-choice-interaction", "qti-associate-interaction"}


def _unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
