"""PROOFS to FINDINGS: what is claimed, how sure, in plain words."""

from typing import TYPE_CHECKING

from dideban.lazy import lazy_names

if TYPE_CHECKING:
    from dideban.findings.affiliations import Affiliations, load_affiliations
    from dideban.findings.builder import make_findings
    from dideban.findings.model import SCHEMA_NAME, Finding

__all__ = ["SCHEMA_NAME", "Affiliations", "Finding", "load_affiliations", "make_findings"]

__getattr__ = lazy_names(
    __name__,
    {
        "Affiliations": "affiliations",
        "Finding": "model",
        "SCHEMA_NAME": "model",
        "load_affiliations": "affiliations",
        "make_findings": "builder",
    },
)
