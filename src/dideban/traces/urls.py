"""One canonical form per web page. Parsing is WHATWG (ada); the rules for merging are in ``url_rules.py``."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote_to_bytes

import ada_url

from dideban.traces import url_rules as rules
from dideban.traces.domains import registrable_domain
from dideban.traces.sites import rewrite_site, unwrap_amp_cache, unwrap_redirect
from dideban.traces.url_parts import UrlParts

MAX_URL_BYTES = 8192
"""Longer addresses are not objects: no browser shares them, and they would cost time without end."""
MAX_PASSES = 24
"""Addresses nested deeper than this in redirect pages are not objects."""

_BARE_HOST = re.compile(r"^(?:[\w-]+\.)+[^\W\d_][\w-]{1,62}(?::\d{1,5})?(?=[/?#]|$)")
_EDGES = "\u200b\u200c\u200d\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u00ad"
"""Invisible marks that stick to pasted links, common beside right-to-left text."""
_AMPERSAND = re.compile(r"&(?:amp;)+", re.IGNORECASE)
"""Links copied from the source of a page."""
_NO_NAME = re.compile(r"[!-,/:-@\[-^`{-~]")
"""Signs that the parser lets pass in a host though no name has them."""
_PERCENT = re.compile(r"((?:%[0-9A-Fa-f]{2})+)")
_AMP_SUFFIX = re.compile(r"(?:\.amp)+(?=(?:\.html?)?$)", re.IGNORECASE)
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_OK = _PLAIN | frozenset("!$&'()*+,;=:@/")
_QUERY_OK = _PLAIN | frozenset("!$'()*,;:@/?")
_TRACKING_PREFIXES = tuple(rules.TRACKING_PREFIXES)
_JOINERS = "\u200c\u200d"


def canonical_url(url: str) -> str | None:
    """Return the canonical form of a web address, or None where there is no web page to speak of.

    Parameters
    ----------
    url : str
        As written in a post. ``example.org/a`` without a scheme is read as a web address when its ending is a known
        public suffix.

    Returns
    -------
    str or None
        ``https://host/path?query``: Unicode host and path for people to read, percent-encoding only where needed,
        parameters sorted, tracking gone. None for other schemes, broken hosts, emptiness, more than 8 KiB, and
        redirects nested deeper than 24. Never raises.

    Notes
    -----
    Idempotent. ``http`` and ``https`` are one. Every merge is listed with its reason in docs/methods/urls.md.

    References
    ----------
    WHATWG URL Standard; RFC 3986 section 6.

    Examples
    --------
    >>> canonical_url("HTTP://www.Example.org:80/a//b/../c/?utm_source=x&b=2&a=1#top")
    'https://example.org/a/c?a=1&b=2'
    """
    current = _prepare(url)
    for _ in range(MAX_PASSES):
        if current is None:
            return None
        following, is_settled = _canonical_pass(current)
        if following is not None and len(following) * 3 > MAX_URL_BYTES and len(following.encode()) > MAX_URL_BYTES:
            return None
        if is_settled or following == current:
            return following
        current = following
    return None


def is_shortener(host: str) -> bool:
    """Return whether a host hides the page behind a short code (``bit.ly``). Such links stay as they are."""
    return host.lower().rstrip(".").removeprefix("www.") in rules.SHORTENERS


def _prepare(url: str) -> str | None:
    text = _AMPERSAND.sub("&", url.strip().strip(_EDGES).strip())
    if not text or len(text) > MAX_URL_BYTES:
        return None
    if text.startswith("//"):
        return "https:" + text
    if match := _BARE_HOST.match(text):
        host = match.group().partition(":")[0]
        return "https://" + text if registrable_domain(host) else None
    return text


def _canonical_pass(url: str) -> tuple[str | None, bool]:
    """One pass: the canonical form, and whether another pass can be spared."""
    parts = _parse(url)
    if parts is None:
        return None, True
    parts.host = _fold_host(parts.host)
    target = unwrap_amp_cache(parts)
    if target is None:
        parts.path = _fold_path(parts.path)
        target = unwrap_redirect(parts)
    if target is not None:
        return _prepare(target), False
    _fold_query(parts)
    # All rules above are settled by now; only rewriting for a site can make room for them again.
    return (_assemble(parts), True) if not rewrite_site(parts) else (_assemble(parts), False)


def _parse(url: str) -> UrlParts | None:
    """Parse by the WHATWG rules and decode what may be decoded."""
    try:
        if len(url.encode()) > MAX_URL_BYTES:
            return None
        href = ada_url.normalize_url(url)
    except (ValueError, UnicodeError):
        return None
    scheme, _, rest = href.partition(":")
    if scheme == "tg":
        return UrlParts.from_telegram_app(rest)
    if scheme not in ("http", "https"):
        return None
    return _split(rest[2:])


def _split(rest: str) -> UrlParts | None:
    rest, _, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    authority, _, path = rest.partition("/")
    host, port = _host_and_port(authority.rpartition("@")[2])
    if not host or (_NO_NAME.search(host) and not host.startswith("[")):
        return None
    # Only hash-bang fragments name a page; all others name a place inside it.
    kept = _decode(fragment, _QUERY_OK) if fragment.startswith("!") else ""
    return UrlParts(host=host, port=port, path=_decode("/" + path, _PATH_OK), query=query_pairs(query), fragment=kept)


def _host_and_port(authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        host, _, port = authority.partition("]")
        host, port = host + "]", port.removeprefix(":")
    else:
        host, _, port = authority.partition(":")
    host = host.rstrip(".")
    return _unicode_host(host), "" if port in ("80", "443") else port


def _unicode_host(host: str) -> str:
    """Punycode to Unicode where the way back gives the same host."""
    if "xn--" not in host:
        return host
    shown = ada_url.idna_to_unicode(host)
    try:
        back = ada_url.idna_to_ascii(shown)
    except (ValueError, UnicodeError):
        return host
    return shown if back == host.encode() else host


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Split a query into decoded-for-display pairs, in order; pairs without a name are dropped."""
    pairs = []
    for piece in query.split("&"):
        name, _, value = piece.partition("=")
        if name:
            pairs.append((_decode(name.replace("+", "%20"), _QUERY_OK), _decode(value.replace("+", "%20"), _QUERY_OK)))
    return pairs


def _decode(text: str, allowed: frozenset[str]) -> str:
    """Decode percent-encoding where the character is harmless, encode every other character in capitals."""
    if "%" not in text and allowed.issuperset(text):
        return text
    pieces = _PERCENT.split(text)
    # A slash that was encoded is part of a name; a bare one cuts the path (RFC 3986, 2.2).
    bare = allowed - {"/"} if allowed is _PATH_OK else allowed
    decoded = [_unescape(piece, bare) if index % 2 else piece for index, piece in enumerate(pieces)]
    # Runs between what stays encoded are composed (NFC) first: composing may give characters that must be encoded.
    runs = _PERCENT.split("".join(decoded))
    shown = [run if index % 2 else _escape_rest(run, allowed) for index, run in enumerate(runs)]
    return _keep_joiners("".join(shown))


def _unescape(run: str, allowed: frozenset[str]) -> str:
    """Decode a run of ``%XX``; what is not shown stays encoded, in capitals."""
    text = unquote_to_bytes(run).decode("utf-8", "surrogateescape")
    return "".join(char if _is_shown(char, allowed) else _escape(char) for char in text)


def _escape_rest(run: str, allowed: frozenset[str]) -> str:
    composed = unicodedata.normalize("NFC", run)
    return "".join(char if _is_shown(char, allowed) else _escape(char) for char in composed)


def _is_shown(char: str, allowed: frozenset[str]) -> bool:
    if char < "\x80":
        return char in allowed
    if char in _JOINERS:
        return True
    # Letters, marks, digits, punctuation and symbols; never controls, bidi marks, spaces, surrogates, unassigned.
    return unicodedata.category(char)[0] in "LMNPS"


def _escape(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogateescape"))


def _keep_joiners(text: str) -> str:
    """Leave a zero-width joiner readable only between two letters of a joining script; escape it elsewhere."""
    if _JOINERS[0] not in text and _JOINERS[1] not in text:
        return text
    out = []
    for index, char in enumerate(text):
        inside = 0 < index < len(text) - 1 and _joins(text[index - 1]) and _joins(text[index + 1])
        out.append(_escape(char) if char in _JOINERS and not inside else char)
    return "".join(out)


def _joins(char: str) -> bool:
    return "\u0600" <= char <= "\u08ff" and unicodedata.category(char)[0] in "LM"


@lru_cache(maxsize=1 << 17)
def _fold_host(host: str) -> str:
    """Drop first labels without meaning as long as a registrable domain remains."""
    while True:
        alias = rules.HOST_ALIASES.get(host)
        if alias:
            return alias
        for prefix in rules.WWW_PREFIXES + rules.MOBILE_PREFIXES + rules.AMP_PREFIXES:
            if host.startswith(prefix) and registrable_domain(host.removeprefix(prefix)):
                host = host.removeprefix(prefix)
                break
        else:
            return host


def _fold_path(path: str) -> str:
    """Merge slashes; drop session ids, AMP markers, index names and the last slash until none is left."""
    segments = [segment for segment in path.split("/") if segment]
    if ";" in path:
        segments = [stripped for segment in segments if (stripped := _strip_session(segment))]
    while segments:
        last = segments[-1].lower()
        if not last or last in rules.INDEX_NAMES or (len(segments) > 1 and last in rules.AMP_SEGMENTS):
            segments.pop()
        elif len(segments) > 1 and segments[0].lower() in rules.AMP_SEGMENTS:
            segments.pop(0)
        elif ".amp" in last and (bare := _AMP_SUFFIX.sub("", segments[-1])) != segments[-1]:
            segments[-1] = bare
        else:
            break
    return "/" + "/".join(segment for segment in segments if segment)


def _strip_session(segment: str) -> str:
    lowered = segment.lower()
    cuts = [at for mark in rules.SESSION_PATH_PARAMETERS if (at := lowered.find(mark)) >= 0]
    stripped = segment[: min(cuts)] if cuts else segment
    return segment if stripped in (".", "..") else stripped


def _fold_query(parts: UrlParts) -> None:
    if not parts.query:
        return
    domain = registrable_domain(parts.host) or parts.host
    only = rules.ONLY_PARAMETERS.get(parts.host)
    kept = rules.KEPT_PARAMETERS.get(domain, frozenset())
    parts.query = sorted(
        pair
        for pair in parts.query
        if pair[0] in kept or (_chooses_page(pair) and (only is None or pair[0].lower() in only))
    )


def _chooses_page(pair: tuple[str, str]) -> bool:
    name = pair[0].lower()
    if name in rules.TRACKING_EXACT or name.startswith(_TRACKING_PREFIXES):
        return False
    values = rules.AMP_PARAMETERS.get(name)
    return values is None or not ("*" in values or pair[1].lower() in values)


def _assemble(parts: UrlParts) -> str:
    query = "&".join(f"{name}={value}" if value else name for name, value in parts.query)
    port = f":{parts.port}" if parts.port else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"https://{parts.host}{port}{parts.path}{'?' + query if query else ''}{fragment}"
