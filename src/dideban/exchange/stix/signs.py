"""What two findings may have in common: links, websites, hashtags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dideban.exchange.stix.finding import EXTENSION
from dideban.findings.model import SharedObject
from dideban.traces import canonical_url, registrable_domain

_PATTERN = re.compile(r"\b(url|domain-name):value\s*=\s*'((?:[^'\\]|\\.){1,2000})'")
MOST = 5_000
COMMON = frozenset({"youtube.com", "wikipedia.org", "google.com", "blogspot.com", "wordpress.com", "archive.org"})
"""Websites that everybody links to: sharing them says nothing."""


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What something pushes, in the forms that can be compared."""

    links: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    hashtags: frozenset[str] = frozenset()

    def __and__(self, other: Signs) -> Signs:
        return Signs(
            links=self.links & other.links,
            domains=self.domains & other.domains,
            hashtags=self.hashtags & other.hashtags,
        )

    def __or__(self, other: Signs) -> Signs:
        return Signs(
            links=self.links | other.links,
            domains=self.domains | other.domains,
            hashtags=self.hashtags | other.hashtags,
        )

    def __len__(self) -> int:
        return len(self.links) + len(self.domains) + len(self.hashtags)


def signs_of(bodies: Iterable[Mapping[str, Any]]) -> Signs:
    """Return what STIX objects name: observables, patterns of indicators, hashtags of our own extension.

    Examples
    --------
    >>> sorted(signs_of([{"type": "url", "value": "https://www.b.org/x?utm_source=y"}]).domains)
    ['b.org']
    """
    links: set[str] = set()
    domains: set[str] = set()
    hashtags: set[str] = set()
    for body in bodies:
        for kind, value in _named(body):
            if kind == "url":
                links.add(value)
            elif kind == "domain-name":
                domains.add(value)
            else:
                hashtags.add(value)
    return _signs(links, domains, hashtags)


def signs_of_finding(objects: Iterable[SharedObject]) -> Signs:
    """Return what the objects of a finding of our own name."""
    objects = list(objects)
    words = {word for one in objects if one.kind == "hashtags" for word in one.label.split()}
    return _signs(
        {one.label for one in objects if one.kind == "link"}, {one.id for one in objects if one.kind == "domain"}, words
    )


def _named(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    kind, value = body.get("type"), body.get("value")
    if kind in ("url", "domain-name") and isinstance(value, str):
        return [(str(kind), value)]
    if kind == "indicator" and isinstance(pattern := body.get("pattern"), str):
        return [(name, text.replace("\\'", "'")) for name, text in _PATTERN.findall(pattern[:100_000])]
    extensions = body.get("extensions")
    ours = extensions.get(EXTENSION) if isinstance(extensions, dict) else None
    if not isinstance(ours, dict):
        return []
    told = [("domain-name", one) for one in _texts(ours.get("domains"))]
    return told + [("hashtag", one) for one in _texts(ours.get("hashtags"))]


def _texts(value: Any) -> list[str]:
    return [one for one in value[:MOST] if isinstance(one, str)] if isinstance(value, list) else []


def _signs(links: set[str], domains: set[str], hashtags: set[str]) -> Signs:
    plain = {canonical_url(one) or one for one in sorted(links)[:MOST]}
    hosts = {host for one in plain if (host := _host(one))} | {one.lower() for one in sorted(domains)[:MOST]}
    sites = {registrable_domain(host) or host for host in hosts}
    tags = {"#" + one.lstrip("#").casefold() for one in sorted(hashtags)[:MOST]}
    return Signs(links=frozenset(plain), domains=frozenset(sites - COMMON), hashtags=frozenset(tags - {"#"}))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
