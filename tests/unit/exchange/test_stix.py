"""STIX 2.1: what independent parsers say of it, what never leaves, and that the same gives the same bytes."""

from __future__ import annotations

import dataclasses
import uuid

import orjson
import pytest
import stix2
from hypothesis import given
from hypothesis import strategies as st
from stix2.canonicalization.Canonicalize import canonicalize

from dideban.exchange import (
    BulletinFacts,
    CaseFacts,
    NarrativeFacts,
    Terms,
    Tlp,
    bulletin_objects,
    bundle,
    bundle_bytes,
    case_objects,
    finding_objects,
    leaving,
    misp_event,
    narrative_objects,
    write_stix,
)
from dideban.exchange.stix import EXTENSION
from dideban.exchange.stix.leaving import PART_OF
from dideban.exchange.stix.links import leads_to_a_person
from dideban.exchange.stix.names import own_id, shared_id, stix_time
from dideban.exchange.stix.terms import MARKS_1
from dideban.findings.model import Finding
from unit.exchange.made import AT, OTHERS, SECRET, make_finding

TERMS = Terms(sender="Room A", namespace="https://a.example", tlp=Tlp.AMBER_STRICT)
NARRATIVE = NarrativeFacts(
    key="7", words=["Election", "fraud"], n_posts=90, n_accounts=40, first_at=AT, last_at=AT, domains=["b.org", "t.me"]
)
CASE = CaseFacts(
    key="12", title="A case", text="What we know.", status="waiting", severity="high", opened_at=AT, changed_at=AT
)
BULLETIN = BulletinFacts(
    key="3", title={"en": "It rained", "fa": "باران آمد"}, text={"en": "It did.", "fa": "آمد."}, published_at=AT,
    url="https://a.example/bulletins/3",
)  # fmt: skip


def everything(terms: Terms) -> list[list[dict]]:
    return [
        finding_objects(make_finding(), terms=terms, package_sha256="ab" * 32, package_url="https://a.example/p.zip"),
        finding_objects(make_finding(lead=True, error_rate=None, objects=[]), terms=terms),
        finding_objects(make_finding(), terms=terms, is_confirmed=True),
        narrative_objects(NARRATIVE, terms=terms),
        case_objects(CASE, terms=terms),
        bulletin_objects(BULLETIN, terms=terms),
    ]


VARIANTS = [
    Terms(sender="Room A", tlp=tlp, tlp_version=version, for_file=for_file, revoked=revoked)
    for tlp in Tlp for version in (1, 2) for for_file, revoked in ((False, ""), (True, "an error of ours"))
]  # fmt: skip


@pytest.mark.parametrize("terms", VARIANTS, ids=lambda t: f"{t.tlp}-{t.tlp_version}-{t.for_file}")
def test_the_parser_of_another_project_reads_every_object(terms):
    for objects in everything(terms):
        read = stix2.parse(bundle_bytes(objects).decode(), allow_custom=True)
        assert len(read.objects) == len({(one["id"], one.get("modified", "")) for one in objects})
        for one in objects:
            is_of_opencti = one["type"] == "narrative" or any(
                r.startswith("narrative") for r in one.get("object_refs", [])
            )
            stix2.parse(one, allow_custom=is_of_opencti)


def test_the_validator_of_the_standard_finds_no_error():
    validator = pytest.importorskip(
        "stix2validator", reason="stix2-validator is not installed: it brings an LGPL library"
    )
    for terms in VARIANTS:
        for objects in everything(terms):
            assert validator.validate_string(bundle_bytes(objects).decode()).is_valid


@pytest.mark.parametrize("for_file", [False, True])
def test_no_account_post_text_or_contact_leaves(for_file):
    terms = dataclasses.replace(TERMS, for_file=for_file)
    for data in (
        bundle_bytes(finding_objects(make_finding(), terms=terms)),
        orjson.dumps(misp_event(make_finding(), terms=terms)),
    ):
        assert [word for word in (SECRET, *OTHERS) if word.encode() in data] == []
        assert b"https://www.news.example.org/a?b=1" in data


def test_every_reference_is_inside_or_the_sender():
    for objects in everything(TERMS):
        inside = {one["id"] for one in objects}
        for one in objects:
            refs = [one.get("created_by_ref"), *one.get("object_refs", []), *one.get("object_marking_refs", [])]
            refs += [one.get("source_ref"), one.get("target_ref")]
            assert {ref for ref in refs if ref} <= inside


def test_ids_stay_over_time_and_differ_between_rooms():
    def ids(**changes):
        objects = finding_objects(make_finding(), terms=dataclasses.replace(TERMS, **changes))
        return {one["id"] for one in objects if "created_by_ref" in one}

    first = ids(created_at=AT, modified_at=AT)
    assert first == ids(created_at=AT, modified_at="2027-01-01T00:00:00Z", tlp=Tlp.GREEN)
    assert not first & ids(namespace="https://b.example")


def test_observables_have_the_ids_that_everybody_gives_them():
    objects = finding_objects(make_finding(), terms=TERMS)
    urls = [one for one in objects if one["type"] == "url"]
    names = [one for one in objects if one["type"] == "domain-name"]
    assert len(urls) == 2
    assert len(names) == 2
    assert [one["value"] for one in urls if not one["value"].isascii()] == [], "a URI is ASCII"
    assert [one["id"] for one in urls] == [stix2.URL(value=one["value"]).id for one in urls]
    assert [one["id"] for one in names] == [stix2.DomainName(value=one["value"]).id for one in names]


def test_names_that_opencti_gives():
    told = next(one for one in narrative_objects(NARRATIVE, terms=TERMS) if one["type"] == "narrative")
    assert told["id"] == shared_id("narrative", name="election, fraud")
    assert shared_id("narrative", name="election fraud") == "narrative--4bbc3582-e46c-553f-ad17-1b52bd6db623"


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), max_size=5), st.text(st.characters(codec="utf-8")), max_size=4
    )
)
def test_ids_are_uuid5_of_the_canonical_json_of_the_standard(content):
    content = {name: value for name, value in content.items() if name.isascii()}
    oracle = uuid.uuid5(uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7"), canonicalize(content, utf8=False))
    assert shared_id("url", **content) == f"url--{oracle}" if "kind" not in content else True


def test_bytes_are_canonical_and_the_same_each_time():
    for objects in everything(TERMS):
        data = bundle_bytes(objects)
        assert data == bundle_bytes([dict(reversed(one.items())) for one in objects])
        assert data == canonicalize(orjson.loads(data), utf8=True) + b"\n"


@pytest.mark.parametrize("tlp", list(Tlp))
def test_markings_are_those_of_the_standard(tlp):
    objects = finding_objects(make_finding(), terms=dataclasses.replace(TERMS, tlp=tlp, tlp_version=1))
    mark = next(one for one in objects if one["type"] == "marking-definition")
    known = {one.id: one for one in (stix2.TLP_WHITE, stix2.TLP_GREEN, stix2.TLP_AMBER, stix2.TLP_RED)}
    assert stix2.parse(mark) == known[mark["id"]]
    assert all(one["object_marking_refs"] == [mark["id"]] for one in objects if "object_marking_refs" in one)
    order = ["white", "green", "amber", "red"]
    assert order.index(MARKS_1[tlp][0]) >= min(tlp.rank, 3), "TLP 1.0 is never the more open one"


@pytest.mark.parametrize("lang", ["en", "fa", "ar"])
def test_a_report_says_everything_in_every_language(lang):
    finding = make_finding()
    objects = finding_objects(finding, terms=TERMS, package_sha256="cd" * 32)
    report = next(one for one in objects if one["type"] == "report")
    assert finding.statement[lang] in report["description"]
    assert report["description"].count("cd" * 32) == 3
    if lang != "en":
        note = next(one for one in objects if one.get("lang") == lang)
        assert finding.statement[lang] in note["content"]


def test_a_file_has_translations_and_the_definition_and_a_collection_has_not():
    def types(for_file):
        return {
            one["type"] for one in finding_objects(make_finding(), terms=dataclasses.replace(TERMS, for_file=for_file))
        }

    assert types(True) - types(False) == {"language-content", "extension-definition"}


def test_figures_are_texts_and_say_how_sure():
    campaign, weak = (
        next(one for one in finding_objects(finding, terms=TERMS) if one["type"] == "campaign")
        for finding in (make_finding(), make_finding(lead=True))
    )
    assert campaign["extensions"][EXTENSION]["e_value"] == "1.5e+300"
    assert (campaign["confidence"], weak["confidence"]) == (50, 15)
    assert campaign["extensions"][EXTENSION]["hashtags"] == ["#harvest", "#mill"]


def test_revoking_marks_campaign_and_report_under_their_ids_and_says_why():
    before = finding_objects(make_finding(), terms=TERMS)
    after = finding_objects(
        make_finding(), terms=dataclasses.replace(TERMS, revoked="an error", modified_at="2026-05-01T00:00:00Z")
    )
    revoked = {one["id"]: one for one in after if one.get("revoked")}
    assert {one["type"] for one in revoked.values()} == {"campaign", "report"}
    assert set(revoked) <= {one["id"] for one in before}
    assert any(one.get("content") == "an error" for one in after)
    assert all(one["modified"] > one["created"] for one in revoked.values())


def test_every_field_of_a_finding_has_a_row_in_the_table():
    fields = {field.name for field in dataclasses.fields(Finding)}
    assert set(PART_OF) == fields
    rows = {row.part: row for row in leaving(make_finding())}
    assert set(PART_OF.values()) <= set(rows)
    assert (rows["links"].n_leave, rows["links"].n_stay) == (2, 5)
    assert (rows["words"].leaves, rows["words"].n_stay) == ("nothing", 5)
    assert all(row.n_leave == 0 for row in rows.values() if row.leaves == "nothing")


@pytest.mark.parametrize(
    ("url", "stays"),
    [
        ("https://news.example.org/a", False), ("https://www.youtube.com/watch?v=abcdefghijk", False),
        ("https://youtu.be/abcdefghijk", False), ("https://www.youtube.com/@ana", True), ("https://t.me/ana", True),
        ("https://mobile.twitter.com/ana/status/1", True), ("https://social.example/@ana", True),
        ("https://social.example/users/ana", True), ("https://ana@news.example.org/", True), ("javascript:1", True),
        ("https://[::1", True), ("https://bit.ly/x", True), ("https://fa.wikipedia.org/wiki/X", False), ("", True),
    ],
)  # fmt: skip
def test_links_to_people_stay(url, stays):
    assert leads_to_a_person(url) is stays


def test_hostile_texts_become_harmless_and_isolates_stay():
    finding = make_finding(statement={"en": "a\u202eb\x1b[2J", "fa": "\u2068ab\u2069 ب", "ar": "\x00"})
    data = bundle_bytes(finding_objects(finding, terms=TERMS)).decode()
    assert "\u202e" not in data
    assert "\\u001b" not in data
    assert "\\u0000" not in data
    assert "\u2068ab\u2069" in data
    stix2.parse(data, allow_custom=True)


def test_a_file_is_written_whole(tmp_path):
    path = write_stix(tmp_path / "b.json", finding_objects(make_finding(), terms=TERMS))
    assert orjson.loads(path.read_bytes()) == bundle(finding_objects(make_finding(), terms=TERMS))


def test_times_are_in_utc_with_milliseconds():
    assert stix_time("2026-03-05T09:30:00.5+03:30") == "2026-03-05T06:00:00.500Z"
    assert own_id("campaign", namespace="a", key="b") != own_id("campaign", namespace="a", key="c")
