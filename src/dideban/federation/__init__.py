"""Services of a federation: key holders and the host of the record, and how a room reaches them."""

from dideban.federation.client import HostClient, holder_over
from dideban.federation.host import Host
from dideban.federation.keyholder import KeyHolderDesk
from dideban.federation.page import claim_facts, render_federation
from dideban.federation.service import Service

__all__ = ["Host", "HostClient", "KeyHolderDesk", "Service", "claim_facts", "holder_over", "render_federation"]
