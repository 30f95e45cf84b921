"""Where a comment came from, as a keyed hash of a day: enough to count, gone after two days."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import sqlite3

from dideban.comments.limits import NETWORK_S

DAY_S = 86_400


def network_of(address: str) -> str:
    """Return the /24 or /48 of an address.

    Examples
    --------
    >>> network_of("203.0.113.77"), network_of("2001:db8:1:2::9"), network_of("::ffff:203.0.113.77"), network_of("?")
    ('203.0.113.0/24', '2001:db8:1::/48', '203.0.113.0/24', 'unknown')
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))


def hash_of(link: sqlite3.Connection, address: str, *, now: int) -> bytes:
    """Return the hash of the network of an address under the key of the day, which is made when first needed."""
    day = now // DAY_S
    link.execute("INSERT OR IGNORE INTO days (day, key) VALUES (?, ?)", (day, secrets.token_bytes(32)))
    key = link.execute("SELECT key FROM days WHERE day = ?", (day,)).fetchone()["key"]
    return hmac.new(key, network_of(address).encode(), hashlib.sha256).digest()[:16]


def forget(link: sqlite3.Connection, *, now: int) -> None:
    """Delete keys of days and hashes of networks that are over: after that no one can say where a comment came from."""
    link.execute("DELETE FROM days WHERE (day + 1) * ? <= ?", (DAY_S, now - NETWORK_S + DAY_S))
    link.execute("UPDATE comments SET net_hash = NULL WHERE net_hash IS NOT NULL AND at <= ?", (now - NETWORK_S,))
