"""Comments that moderators let through: from the file of the comment process to the pages of the site."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dideban.errors import InputError
from dideban.site import site_files
from dideban.site.comments import MOST_NAME, MOST_PER_PAGE, ShownComment, read_shown
from dideban.site.lookalikes import real_hosts
from unit.comments.desk import make_desk, send
from unit.site.making import INFO, item, site

PAGE = "/fa/bulletins/bridge/"


def page_with(comments):
    made = site(item("bridge", html="<p>x</p>"), info=replace(INFO, comments=comments))
    return dict(site_files(made))["fa/bulletins/bridge/index.html"].decode()


def test_what_was_let_through_stands_under_its_page(tmp_path):
    desk, clock = make_desk(tmp_path)
    send(desk, clock, "او می\u200cگوید پل سالم است.\nسپاس", name="مینا", page=PAGE)
    send(desk, clock, "This one waits.", page=PAGE)
    first, _ = desk.queue()[0]
    desk.decide([(first.cluster, first.last_id)], do="show", by="mina")
    html = page_with(read_shown(desk.store.folder / "shown.json"))
    assert '<bdi dir="auto">او می\u200cگوید پل سالم است.</bdi>' in html
    assert '<b><bdi dir="auto">مینا</bdi></b>' in html
    assert "waits" not in html
    assert 'id="comments"' not in page_with({})


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("see https://www.p\u0430ypal.com/login", ["www.xn--pypal-4ve.com"]), ("www.p\u0430ypal.com", ["www.xn--pypal-4ve.com"]),
        ("www.p\u0430yp\u200bal.com", ["www.xn--pypal-4ve.com"]), ("it is at \u0440\u0430.com", ["xn--80a5a.com"]),
        ("https://paypal.com", []), ("پل.مدرسه", []), ("آمد.رفت. سلام", []),
    ],
)  # fmt: skip
def test_an_address_in_letters_that_look_like_others_is_shown_as_it_is(tmp_path, text, hosts):
    """To the moderator, and to readers should one let it through."""
    assert real_hosts(text) == hosts
    desk, clock = make_desk(tmp_path)
    send(desk, clock, f"Read {text}", page=PAGE)
    (group,), _ = desk.queue()
    assert list(group.hosts) == hosts
    desk.decide([(group.cluster, group.last_id)], do="show", by="mina")
    html = page_with(read_shown(desk.store.folder / "shown.json"))
    assert all(f"({host})" in html for host in hosts)
    assert ("(xn--" in html or "(www.xn--" in html) == bool(hosts)


@pytest.mark.parametrize("field", ["name", "body"])
def test_a_megabyte_is_cut_or_refused_and_nothing_of_it_is_kept(tmp_path, field):
    desk, clock = make_desk(tmp_path)
    given = {"body": "Words.", "name": "Mina"} | {field: "\u202eا\u200b" * 350_000}
    if field == "body":
        with pytest.raises(InputError):
            send(desk, clock, given["body"], name=given["name"])
        return
    send(desk, clock, given["body"], name=given["name"])
    assert desk.queue()[0][0].first["name"] == "ا" * MOST_NAME
    shown = ShownComment(name="x" * 1_000_000, lines=("y",), at="2026-11-01T10:00Z")
    document = {"schema": "dideban.comments/1", "pages": {PAGE: {"comments": [vars(shown) | {"body": "y"}]}}}
    (tmp_path / "shown.json").write_text(json.dumps(document, default=list))
    assert len(page_with(read_shown(tmp_path / "shown.json"))) < 20_000


def test_a_comment_process_that_was_broken_into_writes_no_code_into_the_site(tmp_path):
    """The site takes data, never the fragment; what is not of the form is left out."""
    evil = {
        "name": "<script>",
        "body": "<img onerror=x>\u202e\nhttps://x",
        "at": "2026-11-29T10:00Z",
        "html": "<script>",
    }
    rows = [
        evil,
        {**evil, "at": '"><script>'},
        {**evil, "body": 7},
        {**evil, "body": " \u200b\n"},
        None,
        3,
        *[evil] * 600,
    ]
    document = {"schema": "dideban.comments/1", "pages": {PAGE: {"comments": rows, "html": "<script>"}, "/x/": 3}}
    file = tmp_path / "shown.json"
    file.write_text(json.dumps(document))
    found = read_shown(file)
    assert 0 < len(found[PAGE]) <= MOST_PER_PAGE
    assert found["/x/"] == ()
    html = page_with(found)
    assert "<img" not in html
    assert "\u202e" not in html
    assert html.count("<script") == page_with({}).count("<script")


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema": "dideban.comments/1", "pages": []}', "\xff", '{"schema": "other/1", "pages": {}}'],
)
def test_another_file_is_refused_and_none_is_no_comments(tmp_path, text):
    file = tmp_path / "shown.json"
    assert read_shown(file) == {}
    file.write_text(text, "latin-1")
    with pytest.raises(InputError):
        read_shown(file)
