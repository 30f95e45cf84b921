"""A TAXII server and a splitter of other projects, where they are installed: what they are given comes back whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from taxii2client.v21 import Collection, Server, as_pages

from dideban.exchange import Terms, Tlp, bundle_bytes, finding_objects
from unit.exchange.made import make_finding

TERMS = Terms(sender="Room A", namespace="https://a.example", tlp=Tlp.AMBER_STRICT)
SHELF = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
ROOT = "room"


def medallion_data() -> dict[str, Any]:
    shelf = {"id": SHELF, "title": "From rooms", "can_read": True, "can_write": True, "media_types": []}
    return {
        "/discovery": {"title": "Another server", "default": f"/{ROOT}/", "api_roots": [f"/{ROOT}/"]},
        ROOT: {
            "information": {"title": ROOT, "versions": ["application/taxii+json;version=2.1"], "max_content_length": 9_999_999},
            "status": [],
            "collections": [{**shelf, "objects": [], "manifest": []}],
        },
    }  # fmt: skip


@pytest.fixture
def server() -> Iterator[str]:
    """Medallion on this machine, empty."""
    medallion = pytest.importorskip("medallion", reason="medallion is not installed: it brings a web server of its own")
    serving = pytest.importorskip("werkzeug.serving")
    app = medallion.application_instance
    memory = {"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend"}
    for name, value in (("users", {"a": "b"}), ("taxii", {"max_page_size": 100}), ("backend", memory)):
        medallion.set_config(app, name, {name: value})
    app.medallion_backend.data = medallion_data()
    if not app.blueprints:
        medallion.register_blueprints(app)
    made = serving.make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join(timeout=10)
    made.server_close()


def test_a_server_of_another_project_gives_back_every_object(server: str) -> None:
    objects = finding_objects(make_finding(), terms=TERMS)
    found = Server(f"{server}/taxii2/", user="a", password="b")
    assert [one.title for one in found.api_roots] == [ROOT]
    shelf = Collection(f"{server}/{ROOT}/collections/{SHELF}/", user="a", password="b")
    status = shelf.add_objects({"objects": objects})
    assert (status.status, status.success_count, status.failure_count) == ("complete", len(objects), 0)
    pages = [page["objects"] for page in as_pages(shelf.get_objects, per_request=5)]
    assert max(map(len, pages)) == 5
    back = [one for page in pages for one in page]
    assert sorted(map(_bytes, back)) == sorted(map(_bytes, objects))


def test_the_splitter_of_opencti_keeps_every_object() -> None:
    splitter = pytest.importorskip(
        "pycti.utils.opencti_stix2_splitter", reason="pycti is not installed: it brings fifty packages"
    )
    objects = finding_objects(make_finding(), terms=TERMS)
    _, left_out, parts = splitter.OpenCTIStix2Splitter().split_bundle_with_expectations(bundle_bytes(objects).decode())
    assert left_out == []
    kept = {one["id"] for part in parts for one in orjson.loads(part)["objects"]}
    assert kept == {one["id"] for one in objects}


def _bytes(one: dict[str, Any]) -> bytes:
    return orjson.dumps(one, option=orjson.OPT_SORT_KEYS)
