"""The forms of a page, read as a browser reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

TEXT = {"text", "search", "email", "url", "tel", "date", "datetime-local", "number", "password", "textarea"}


@dataclass
class Form:
    """One form: what it holds on its own, what can be written into it, and its buttons."""

    action: str
    method: str
    kept: list[tuple[str, str]] = field(default_factory=list)
    """Hidden fields, and choices as they stand."""
    written: dict[str, str] = field(default_factory=dict)
    """Fields to write into: name to kind."""
    choices: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def sort(self) -> tuple[str, ...]:
        """What tells it from other forms: lists hold many of one sort."""
        fixed = sorted(f"{name}={value}" for name, value in self.kept if name in ("do", "kind"))
        return (self.method, *fixed, *sorted(self.written), *sorted({name for name, _ in self.kept}))


class Forms(HTMLParser):
    """Every form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.open: Form | None = None
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.found.append(self.open)
        elif self.open is not None:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        assert self.open is not None
        name, kind = given.get("name", ""), "textarea" if tag == "textarea" else given.get("type", "text")
        if tag == "select":
            self.select = name
            self.open.choices.append(name)
        elif tag == "option" and self.select and "selected" in given:
            self.open.kept.append((self.select, given.get("value", "")))
        elif tag == "button" and kind != "button":
            self.open.buttons.append((name, given.get("value", "")))
        elif tag in ("input", "textarea") and name and kind in TEXT:
            self.open.written[name] = kind
        elif tag == "input" and name and (kind == "hidden" or "checked" in given):
            self.open.kept.append((name, given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.select = ""


def forms_of(html: str) -> list[Form]:
    """Return the forms of a page."""
    reader = Forms()
    reader.feed(html)
    return reader.found
