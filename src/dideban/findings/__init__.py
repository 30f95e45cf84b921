"""PROOFS to FINDINGS: what is claimed, how sure, in plain words."""

from dideban.findings.affiliations import Affiliations, load_affiliations
from dideban.findings.make import make_findings
from dideban.findings.model import SCHEMA_NAME, Finding

__all__ = ["SCHEMA_NAME", "Affiliations", "Finding", "load_affiliations", "make_findings"]
