"""STIX 2.1: what a room found, in the format that OpenCTI, MISP and other rooms read."""

from dideban.exchange.stix.finding import EXTENSION, finding_objects
from dideban.exchange.stix.leaving import LeavingPart, leaving
from dideban.exchange.stix.make import bundle, bundle_bytes, write_stix
from dideban.exchange.stix.read import Received, Refused, StixObject, read_stix
from dideban.exchange.stix.signs import Signs, signs_of, signs_of_finding
from dideban.exchange.stix.stories import (
    BulletinFacts,
    CaseFacts,
    NarrativeFacts,
    bulletin_objects,
    case_objects,
    narrative_objects,
)
from dideban.exchange.stix.terms import Terms, Tlp

__all__ = [
    "EXTENSION", "BulletinFacts", "CaseFacts", "LeavingPart", "NarrativeFacts", "Received", "Refused", "Signs",
    "StixObject", "Terms", "Tlp", "bulletin_objects", "bundle", "bundle_bytes", "case_objects", "finding_objects",
    "leaving", "narrative_objects", "read_stix", "signs_of", "signs_of_finding", "write_stix",
]  # fmt: skip
