"""docs/methods/urls.md names every rule, with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from dideban.traces import url_rules

PAGE = (Path(__file__).parents[3] / "docs" / "methods" / "urls.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(url_rules.TRACKING_EXACT))
def test_every_tracking_parameter_stands_with_its_reason(name: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith("|") and f"`{name}`" in line)
    assert url_rules.TRACKING_EXACT[name] in row


@pytest.mark.parametrize("prefix", sorted(url_rules.TRACKING_PREFIXES))
def test_every_prefix_stands_with_its_reason(prefix: str) -> None:
    row = next(line for line in PAGE.splitlines() if f"`{prefix}...`" in line)
    assert url_rules.TRACKING_PREFIXES[prefix] in row


@pytest.mark.parametrize("host", sorted({*url_rules.HOST_ALIASES, *url_rules.ONLY_PARAMETERS}))
def test_every_host_is_named(host: str) -> None:
    assert f"`{host}`" in PAGE


def test_every_redirect_stands_with_its_reason() -> None:
    for host, path, names, reason in url_rules.REDIRECTS:
        cells = ", ".join(f"`{name}`" for name in names)
        assert f"| `{host}{path}` | {cells} | {reason} |" in PAGE


def test_the_count_of_shorteners_is_told() -> None:
    assert f"{len(url_rules.SHORTENERS)} hosts" in PAGE


def test_rules_are_written_as_they_are_compared() -> None:
    names = [*url_rules.TRACKING_EXACT, *url_rules.TRACKING_PREFIXES, *url_rules.AMP_PARAMETERS]
    hosts = [*url_rules.SHORTENERS, *url_rules.HOST_ALIASES, *url_rules.HOST_ALIASES.values()]
    assert [text for text in [*names, *hosts] if text != text.lower() or text != text.strip()] == []
    # An alias leads to its end at once, so one step is enough.
    assert set(url_rules.HOST_ALIASES.values()).isdisjoint(url_rules.HOST_ALIASES)
