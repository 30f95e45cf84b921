"""``dideban site verify``: anybody checks a copy of a site."""

from __future__ import annotations

import json
from pathlib import Path

from dideban.site import export_site
from dideban.site.signing import public_of
from functional.program import dideban
from unit.site.making import KEY, item, site


def test_a_copy_is_checked_against_the_key_of_the_room(tmp_path: Path) -> None:
    export_site(site(item()), out=tmp_path / "copy")
    (tmp_path / "room.pub").write_text(public_of(KEY).hex())
    good = dideban("site", "verify", tmp_path / "copy", "--key", tmp_path / "room.pub")
    assert good.returncode == 0, good.stderr
    assert public_of(KEY).hex()[:16] in good.stdout
    (tmp_path / "copy" / "robots.txt").write_text("User-agent: x\n")
    bad = dideban("site", "verify", tmp_path / "copy", "--json")
    assert bad.returncode == 14
    assert json.loads(bad.stdout)["problems"][0]["code"] == "site.check.changed"
    assert "Traceback" not in bad.stderr
