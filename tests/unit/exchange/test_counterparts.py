"""What other platforms keep of an export, where their libraries are installed; the table is in docs/reference/stix.md."""

from __future__ import annotations

import orjson
import pytest
import stix2

from dideban.exchange import Terms, Tlp, bundle_bytes, finding_objects, misp_event
from unit.exchange.made import make_finding

TERMS = Terms(sender="Room A", namespace="https://a.example", tlp=Tlp.AMBER_STRICT)
LICENCE = "is not installed: it brings an LGPL library"


def test_misp_stix_keeps_links_sites_techniques_marking_and_all_languages():
    converter = pytest.importorskip("misp_stix_converter", reason=f"misp-stix {LICENCE}")
    finding = make_finding()
    parser = converter.ExternalSTIX2toMISPParser()
    bundle = bundle_bytes(finding_objects(finding, terms=TERMS)).decode()
    parser.load_stix_bundle(stix2.parse(bundle, allow_custom=True))
    parser.parse_stix_bundle()
    event = parser.misp_event
    assert sorted({one.type for one in event.attributes}) == ["domain", "url"]
    assert "tlp:amber+strict" in {tag.name for tag in event.tags}
    text = "".join(one.content for one in event.event_reports)
    assert [lang for lang in ("en", "fa", "ar") if finding.statement[lang] not in text] == []


def test_pymisp_reads_the_event_that_we_write():
    pymisp = pytest.importorskip("pymisp", reason="pymisp is not installed")
    event = pymisp.MISPEvent()
    event.load(orjson.dumps(misp_event(make_finding(), terms=TERMS)).decode())
    assert {one.type for one in event.attributes} >= {"url", "domain", "text"}
    assert len(event.event_reports) == 3
    assert 'misp-galaxy:disarm-techniques="Post Content"' in {tag.name for tag in event.tags}
    again = event.to_dict()
    assert again["uuid"] == misp_event(make_finding(), terms=TERMS)["Event"]["uuid"]
