"""The pieces of an address while rules are applied to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs


@dataclass
class UrlParts:
    """A web address in pieces, decoded for display."""

    host: str
    port: str = ""
    path: str = "/"
    query: list[tuple[str, str]] = field(default_factory=list)
    fragment: str = ""

    @property
    def segments(self) -> list[str]:
        """Parts of the path that are not empty."""
        return [segment for segment in self.path.split("/") if segment]

    def get(self, name: str) -> str | None:
        """Value of the first parameter of that name."""
        return next((value for key, value in self.query if key == name), None)

    def become(self, host: str, *segments: str, query: list[tuple[str, str]] | None = None) -> None:
        """Turn into another address, without port and fragment."""
        self.host, self.port, self.fragment = host, "", ""
        self.path = "/" + "/".join(segments)
        self.query = [] if query is None else query

    @classmethod
    def from_telegram_app(cls, rest: str) -> UrlParts | None:
        """Read ``tg://resolve?domain=NAME&post=1``; None for every other deep link."""
        action, _, query = rest.lstrip("/").partition("?")
        fields = parse_qs(query.partition("#")[0])
        if action.strip("/") != "resolve" or not (name := fields.get("domain", [""])[0]).isidentifier():
            return None
        post = fields.get("post", [""])[0]
        path = f"/{name}/{post}" if post.isascii() and post.isdigit() else f"/{name}"
        return cls(host="t.me", path=path)
