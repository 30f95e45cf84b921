"""Exercises as a QTI 3.0 package, for schools that have a system of their own to show questions in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from dideban.exercises.forms import same_text, together
from dideban.exercises.forms.parts import YES
from dideban.exercises.model import Exercise, ExerciseItem
from dideban.exercises.words import words_of

ITEM_SPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
PACKAGE_SPACE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
FEEDBACK = "FEEDBACK"
ITEM_TYPE, TEST_TYPE = "imsqti_item_xmlv3p0", "imsqti_test_xmlv3p0"
EARLIEST = (1980, 1, 1, 0, 0, 0)


def qti_package(exercises: Sequence[Exercise]) -> bytes:
    """Return a QTI 3.0 package (zip) of exercises in one language: the same exercises give the same bytes.

    Posts to be picked are one choice interaction with several answers, pairs of texts an associate interaction, all
    others a choice interaction per item. Reasons are modal feedback.
    """
    files: dict[str, bytes] = {}
    sections: list[tuple[Exercise, list[str]]] = []
    for exercise in exercises:
        items = _items_of(exercise)
        files |= {f"items/{name}.xml": data for name, data in items.items()}
        sections.append((exercise, list(items)))
    files["test.xml"] = _test(sections)
    files["imsmanifest.xml"] = _manifest([name for _, names in sections for name in names])
    return zip_bytes(files)


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files in order of their names, without the time it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, data)
    return out.getvalue()


def _items_of(exercise: Exercise) -> dict[str, bytes]:
    if exercise.form == together.FORM:
        return {exercise.id: _picked(exercise)}
    if exercise.form == same_text.FORM:
        return {exercise.id: _associated(exercise)}
    return {f"{exercise.id}-{item.id}": _chosen(exercise, item) for item in exercise.items}


def _picked(exercise: Exercise) -> bytes:
    """Return the item in which all posts that belong together are picked."""
    right = [f"P{item.id}" for item in exercise.items if item.key == YES]
    root, body = _item(exercise, exercise.id, right=right, kind="identifier", cardinality="multiple")
    box = ET.SubElement(body, "qti-choice-interaction", {"response-identifier": "RESPONSE", "max-choices": "0"})
    ET.SubElement(box, "qti-prompt").text = exercise.title
    for item in exercise.items:
        choice = ET.SubElement(box, "qti-simple-choice", {"identifier": f"P{item.id}"})
        choice.text = f"{item.label} · {item.at} · {' '.join(item.texts)}"
    return _finish(root, exercise, _all_reasons(exercise.items))


def _associated(exercise: Exercise) -> bytes:
    """Return the item in which texts are joined to their copies."""
    right = [f"T{item.id}A T{item.id}B" for item in exercise.items if item.key == YES]
    root, body = _item(exercise, exercise.id, right=right, kind="pair", cardinality="multiple")
    attributes = {"response-identifier": "RESPONSE", "max-associations": "0", "shuffle": "true"}
    box = ET.SubElement(body, "qti-associate-interaction", attributes)
    ET.SubElement(box, "qti-prompt").text = exercise.title
    for item in exercise.items:
        for side, text in zip("AB", item.texts, strict=True):
            names = {"identifier": f"T{item.id}{side}", "match-max": "1"}
            ET.SubElement(box, "qti-simple-associable-choice", names).text = text
    return _finish(root, exercise, _all_reasons(exercise.items))


def _chosen(exercise: Exercise, item: ExerciseItem) -> bytes:
    """Return one item with one right answer."""
    root, body = _item(exercise, f"{exercise.id}-{item.id}", right=[item.key], kind="identifier", cardinality="single")
    for text in item.texts:
        ET.SubElement(body, "p").text = text
    if item.table:
        _table(body, item.table)
    box = ET.SubElement(body, "qti-choice-interaction", {"response-identifier": "RESPONSE", "max-choices": "1"})
    ET.SubElement(box, "qti-prompt").text = exercise.question
    for choice in item.choices:
        ET.SubElement(box, "qti-simple-choice", {"identifier": choice.id}).text = choice.text
    return _finish(root, exercise, [item.reason])


def _item(
    exercise: Exercise, name: str, *, right: Sequence[str], kind: str, cardinality: str
) -> tuple[ET.Element, ET.Element]:
    """Return a new item and its body: what is right, what comes out, and the introduction."""
    root = ET.Element("qti-assessment-item", {
        "xmlns": ITEM_SPACE, "identifier": name, "title": exercise.title, "adaptive": "false",
        "time-dependent": "false", "xml:lang": exercise.lang,
    })  # fmt: skip
    response = {"identifier": "RESPONSE", "cardinality": cardinality, "base-type": kind}
    correct = ET.SubElement(ET.SubElement(root, "qti-response-declaration", response), "qti-correct-response")
    for value in right:
        ET.SubElement(correct, "qti-value").text = value
    score = {"identifier": "SCORE", "cardinality": "single", "base-type": "float"}
    default = ET.SubElement(ET.SubElement(root, "qti-outcome-declaration", score), "qti-default-value")
    ET.SubElement(default, "qti-value").text = "0"
    told = {"identifier": FEEDBACK, "cardinality": "single", "base-type": "identifier"}
    ET.SubElement(root, "qti-outcome-declaration", told)
    body = ET.SubElement(root, "qti-item-body", {"dir": words_of(exercise.lang).locale.direction})
    ET.SubElement(body, "p").text = exercise.intro
    return root, body


def _table(body: ET.Element, rows: Sequence[Sequence[str]]) -> None:
    table = ET.SubElement(body, "table")
    head = ET.SubElement(ET.SubElement(table, "thead"), "tr")
    for name in rows[0]:
        ET.SubElement(head, "th", {"scope": "col"}).text = name
    lines = ET.SubElement(table, "tbody")
    for row in rows[1:]:
        line = ET.SubElement(lines, "tr")
        ET.SubElement(line, "th", {"scope": "row"}).text = row[0]
        for cell in row[1:]:
            ET.SubElement(line, "td").text = cell


def _all_reasons(items: Sequence[ExerciseItem]) -> list[str]:
    return [f"{item.label}: {item.reason}" for item in items]


def _finish(root: ET.Element, exercise: Exercise, reasons: Sequence[str]) -> bytes:
    """Add how answers are scored and what is said after them."""
    steps = ET.SubElement(root, "qti-response-processing")
    branch = ET.SubElement(ET.SubElement(steps, "qti-response-condition"), "qti-response-if")
    match = ET.SubElement(branch, "qti-match")
    ET.SubElement(match, "qti-variable", {"identifier": "RESPONSE"})
    ET.SubElement(match, "qti-correct", {"identifier": "RESPONSE"})
    _set(branch, "SCORE", kind="float", value="1")
    _set(steps, FEEDBACK, kind="identifier", value="why")
    shown = {"outcome-identifier": FEEDBACK, "show-hide": "show", "identifier": "why"}
    content = ET.SubElement(ET.SubElement(root, "qti-modal-feedback", shown), "qti-content-body")
    for reason in [*reasons, exercise.story]:
        ET.SubElement(content, "p").text = reason
    return _bytes(root)


def _set(at: ET.Element, name: str, *, kind: str, value: str) -> None:
    ET.SubElement(
        ET.SubElement(at, "qti-set-outcome-value", {"identifier": name}), "qti-base-value", {"base-type": kind}
    ).text = value


def _test(sections: Sequence[tuple[Exercise, Sequence[str]]]) -> bytes:
    root = ET.Element("qti-assessment-test", {"xmlns": ITEM_SPACE, "identifier": "exercises", "title": "Dideban"})
    part = ET.SubElement(root, "qti-test-part", {
        "identifier": "part", "navigation-mode": "nonlinear", "submission-mode": "individual",
    })  # fmt: skip
    for exercise, names in sections:
        about = {"identifier": f"s-{exercise.id}", "title": exercise.title, "visible": "true"}
        section = ET.SubElement(part, "qti-assessment-section", about)
        for name in names:
            ET.SubElement(section, "qti-assessment-item-ref", {"identifier": name, "href": f"items/{name}.xml"})
    return _bytes(root)


def _manifest(names: Sequence[str]) -> bytes:
    root = ET.Element("manifest", {"xmlns": PACKAGE_SPACE, "identifier": "dideban-exercises"})
    about = ET.SubElement(root, "metadata")
    ET.SubElement(about, "schema").text = "QTI Package"
    ET.SubElement(about, "schemaversion").text = "3.0.0"
    ET.SubElement(root, "organizations")
    resources = ET.SubElement(root, "resources")
    test = _resource(resources, "test", "test.xml", kind=TEST_TYPE)
    for name in names:
        _resource(resources, name, f"items/{name}.xml", kind=ITEM_TYPE)
        ET.SubElement(test, "dependency", {"identifierref": name})
    return _bytes(root)


def _resource(at: ET.Element, name: str, path: str, *, kind: str) -> ET.Element:
    made = ET.SubElement(at, "resource", {"identifier": name, "type": kind, "href": path})
    ET.SubElement(made, "file", {"href": path})
    return made


def _bytes(root: ET.Element) -> bytes:
    ET.indent(root)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n").encode()
