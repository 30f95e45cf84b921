"""Packages of posts that are attacks, opened in a real browser from a file, as whoever gets one does."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dideban.config import Config
from dideban.pipelines.scan import scan
from dideban.simulate import make_sample
from functional.test_report_browser import browser

__all__ = ["browser"]
pytestmark = pytest.mark.browser
HOSTILE = (
    "</script></style></title>--><script>window.owned=1</script><img src=https://elsewhere.example/x "
    "onerror=window.owned=1><svg onload=window.owned=1>\u202e\u2028'\"&{{7*7}}"
)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Packages of a scan whose texts, hashtags, links and accounts are attacks."""
    folder = tmp_path_factory.mktemp("hostile")
    posts = make_sample(seed=5, n_posts=3_000, days=4).posts.with_columns(
        text=pl.col("text") + HOSTILE,
        urls=pl.col("urls").list.eval(pl.element() + "?q=" + HOSTILE.replace(" ", "+")),
        hashtags=pl.col("hashtags").list.eval(pl.element() + HOSTILE.replace(" ", "")),
    )
    posts.write_parquet(folder / "posts.parquet")
    scan([folder / "posts.parquet"], out=folder / "out", config=dataclasses.replace(Config(), method="threshold"))
    return sorted(path.parent for path in (folder / "out").rglob("manifest.json"))


def test_no_package_runs_or_asks_for_anything(browser: Any, packages: list[Path]) -> None:
    assert packages
    for package in packages[:4]:
        asked: list[str] = []
        said: list[str] = []
        page = browser.new_page()
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.on("dialog", lambda dialog, said=said: (said.append(dialog.message), dialog.dismiss()))
        page.goto((package / "report.html").as_uri())
        for control in page.locator("summary:visible, [data-view]:visible").all():
            control.click()
        assert page.evaluate("window.owned") is None
        assert "window.owned=1" in page.content()  # it is there, as text
        assert page.locator("img[src*='elsewhere'], svg[onload], a[href^='javascript']").count() == 0
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        assert said == []
        page.close()
