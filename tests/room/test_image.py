"""The image of `deploy/Containerfile`, built and run as operators run it; skips where nothing builds images."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from room.running import free_port

HOME = Path(__file__).parents[2]
CONTAINERFILE = HOME / "deploy" / "Containerfile"
NO_NETWORK = re.compile(
    r"name resolution|no such host|network is unreachable|connection (?:refused|reset|timed out)|i/o timeout|"
    r"newconnectionerror|could not resolve|tls handshake timeout|toomanyrequests",
    re.IGNORECASE,
)
BUILD_S, UP_S = 1_800, 300
PASSWORD = "correct horse battery staple"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CONTAINERFILE.is_file(), reason="the files lie beside the sources"),
]


@dataclass(frozen=True)
class Builder:
    """Podman or Docker: what builds images and runs them."""

    program: str

    def run(self, *arguments: str, text: str = "", seconds: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Run a command of it and return what it printed, whatever came of it."""
        return subprocess.run(
            [self.program, *arguments], input=text, capture_output=True, text=True, check=False, timeout=seconds
        )

    def make(self, *arguments: str, text: str = "", seconds: float = 120.0) -> str:
        """Run a command of it that must go well."""
        done = self.run(*arguments, text=text, seconds=seconds)
        assert done.returncode == 0, f"{arguments}: {done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout.strip()


@pytest.fixture(scope="module")
def builder() -> Builder:
    """Return the first builder that answers."""
    why = []
    for name in ("podman", "docker"):
        program = shutil.which(name)
        if program is None:
            why.append(f"{name} is not installed")
            continue
        one = Builder(program)
        done = one.run("info", seconds=60)
        # the client of Docker prints what it knows and ends well although no daemon answers
        if done.returncode == 0 and "cannot connect" not in f"{done.stdout}{done.stderr}".lower():
            return one
        why.append(f"{name} does not answer: {(done.stderr or done.stdout).strip().splitlines()[-1][:120]}")
    pytest.skip("; ".join(why))


@pytest.fixture(scope="module")
def image(builder: Builder) -> Iterator[str]:
    """Return the name of the image, built from the sources as they are."""
    name = f"dideban-test-{uuid.uuid4().hex[:12]}"
    done = builder.run("build", "-f", str(CONTAINERFILE), "-t", name, str(HOME), seconds=BUILD_S)
    told = f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    if done.returncode and NO_NETWORK.search(told):
        pytest.skip(f"the base image or the packages are out of reach: {told.strip().splitlines()[-1][:200]}")
    assert done.returncode == 0, told
    yield name
    builder.run("rmi", "-f", name)


@contextmanager
def volume(builder: Builder) -> Iterator[str]:
    name = f"dideban-test-{uuid.uuid4().hex[:12]}"
    builder.make("volume", "create", name)
    try:
        yield name
    finally:
        builder.run("volume", "rm", "-f", name)


def confined(name: str) -> list[str]:
    """Return how operators confine it: nothing to write to but the volume and /tmp, no rights."""
    return ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "-v", f"{name}:/data"]  # fmt: skip


def make_room(builder: Builder, image: str, name: str) -> None:
    """Make the first member; the password comes in by a pipe, into a file that goes with the container."""
    code = "umask 077; cat > /tmp/p; exec dideban room init --member alice --password-file /tmp/p"
    builder.make("run", "--rm", "-i", *confined(name), image, "sh", "-c", code, text=PASSWORD, seconds=UP_S)


@contextmanager
def up(builder: Builder, image: str, name: str) -> Iterator[tuple[str, int]]:
    """Run the room; yield the container and the port it answers on."""
    port = free_port()
    address = ["-p", f"127.0.0.1:{port}:8765", "-e", f"DIDEBAN_ROOM_URL=http://127.0.0.1:{port}"]
    container = builder.make("run", "-d", *confined(name), *address, image)
    try:
        yield container, port
    finally:
        builder.run("rm", "-f", container)


def answer(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as page:
            return page.status, page.read().decode()
    except OSError:
        return 0, ""


def wait_up(builder: Builder, container: str, port: int) -> None:
    end = time.monotonic() + UP_S
    while answer(port, "/healthz")[0] != 200:
        assert time.monotonic() < end, builder.run("logs", container).stderr[-4000:]
        time.sleep(1.0)


def test_the_image_runs_a_room_as_nobody_on_a_root_that_cannot_be_written(builder: Builder, image: str) -> None:
    with volume(builder) as name:
        make_room(builder, image, name)
        with up(builder, image, name) as (container, port):
            wait_up(builder, container, port)
            status, page = answer(port, "/account/login/")
            assert (status, 'type="password"' in page) == (200, True)
            assert builder.make("exec", container, "id", "-u") == "10001"
            for path in ("/opt/dideban/x", "/etc/x", "/x"):
                assert builder.run("exec", container, "touch", path).returncode != 0, path
            builder.make("exec", container, "touch", "/data/x", "/tmp/x")
            health = CONTAINERFILE.read_text("utf-8").split("CMD", 1)[1].split("\n", 1)[0]
            asked = re.findall(r'"([^"]*)"', health)
            assert asked[0] == "python"
            builder.make("exec", container, *asked)
            builder.make("exec", container, "dideban", "room", "check")


def test_a_room_outlives_its_container(builder: Builder, image: str) -> None:
    with volume(builder) as name:
        make_room(builder, image, name)
        for _ in range(2):
            with up(builder, image, name) as (container, port):
                wait_up(builder, container, port)
                told = builder.make("exec", container, "dideban", "room", "status")
                assert told
