"""From traces to edges: TRACES -> EDGES."""

from dideban.evidence.coshare import link_accounts, link_shares
from dideban.evidence.methods import THRESHOLD_METHODS, link_by

__all__ = ["THRESHOLD_METHODS", "link_accounts", "link_by", "link_shares"]
