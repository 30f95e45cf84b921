"""From traces to edges: TRACES -> EDGES."""

from dideban.evidence.coshare import link_accounts, link_shares

__all__ = ["link_accounts", "link_shares"]
