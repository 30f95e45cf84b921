"""POSTS to TRACES, one module per object kind."""

from dideban.traces.contact import KnownContacts
from dideban.traces.contact_masks import holds_private, mask_contact, mask_text, mask_texts
from dideban.traces.domains import registrable_domain
from dideban.traces.extract import extract_traces
from dideban.traces.link import Pages, link_sites
from dideban.traces.tables import Traces
from dideban.traces.urls import canonical_url, is_shortener

__all__ = [
    "KnownContacts",
    "Pages",
    "Traces",
    "canonical_url",
    "extract_traces",
    "holds_private",
    "is_shortener",
    "link_sites",
    "mask_contact",
    "mask_text",
    "mask_texts",
    "registrable_domain",
]
