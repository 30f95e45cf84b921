"""Exports: XLSX, CSV, GEXF, GraphML, STIX 2.1, MISP."""

from typing import TYPE_CHECKING

from dideban.lazy import lazy_names

if TYPE_CHECKING:
    from dideban.exchange.graph import write_gexf, write_graphml, write_pairs_gexf
    from dideban.exchange.misp import misp_event
    from dideban.exchange.stix import (
        BulletinFacts,
        CaseFacts,
        NarrativeFacts,
        Received,
        Refused,
        StixObject,
        Terms,
        Tlp,
        bulletin_objects,
        bundle,
        bundle_bytes,
        case_objects,
        finding_objects,
        leaving,
        narrative_objects,
        read_stix,
        write_stix,
    )
    from dideban.exchange.table import write_csv
    from dideban.exchange.workbook import write_xlsx

__all__ = [
    "BulletinFacts", "CaseFacts", "NarrativeFacts", "Received", "Refused", "StixObject", "Terms", "Tlp",
    "bulletin_objects", "bundle", "bundle_bytes", "case_objects", "finding_objects", "leaving", "misp_event",
    "narrative_objects", "read_stix", "write_csv", "write_gexf",
    "write_graphml", "write_pairs_gexf", "write_stix", "write_xlsx",
]  # fmt: skip

_STIX = (
    "BulletinFacts", "CaseFacts", "NarrativeFacts", "Received", "Refused", "StixObject", "Terms", "Tlp",
    "bulletin_objects", "bundle", "bundle_bytes", "case_objects", "finding_objects", "leaving", "narrative_objects",
    "read_stix", "write_stix",
)  # fmt: skip

__getattr__ = lazy_names(
    __name__,
    {
        "write_csv": "table",
        "write_gexf": "graph",
        "write_pairs_gexf": "graph",
        "write_graphml": "graph",
        "write_xlsx": "workbook",
        "misp_event": "misp",
        **dict.fromkeys(_STIX, "stix"),
    },
)
