"""affiliations.toml: read, refused with a reason, cut for a package."""

from __future__ import annotations

import pytest

from dideban.errors import ConfigError
from dideban.findings import Affiliations, load_affiliations

GOOD = """
[[owner]]
name = "Example Press"
kind = "brand"
accounts = ["press", "press_fa"]
domains = ["WWW.Example.org"]

[[owner]]
name = "خبرگزاری نمونه"
kind = "wire"
accounts = ["wire"]
"""


def test_read_with_pseudonyms(tmp_path):
    path = tmp_path / "affiliations.toml"
    path.write_text(GOOD, "utf-8")
    owners = load_affiliations(path, pseudonym=lambda account: f"p-{account}").owners
    assert owners[0].accounts == {"p-press", "p-press_fa"}
    assert owners[0].domains == {"example.org"}
    assert (owners[1].name, owners[1].kind) == ("خبرگزاری نمونه", "wire")


def test_what_travels_in_a_package_comes_back(tmp_path):
    path = tmp_path / "affiliations.toml"
    path.write_text(GOOD, "utf-8")
    cut = load_affiliations(path).only(["press", "stranger"])
    assert [o.accounts for o in cut.owners] == [{"press"}]
    assert Affiliations.from_dict(cut.to_dict()) == cut


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[owner]]\nkind = 'brand'", "has no name"),
        ("[[owner]]\nname = '  '", "has no name"),
        ("[[owner]]\nname = 'A'\nkind = 'bad'", "is not one of brand, party, wire, official"),
        ("[[owner]]\nname = 'A'\naccount = ['x']", "unknown key 'account'"),
        ("[[owner]]\nname = 'A'\naccounts = 'x'", "must be a list of strings"),
        ("[[owner]]\nname = 'A'\naccounts = [1]", "must be a list of strings"),
        ("owner = 3", "only [[owner]] entries"),
        ("[other]", "only [[owner]] entries"),
        ("[[owner", "not valid TOML"),
    ],
)
def test_refused_with_a_reason(tmp_path, text, reason):
    path = tmp_path / "affiliations.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_affiliations(path)
    assert reason in str(caught.value.message)


def test_missing_file(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_affiliations(tmp_path / "none.toml")
