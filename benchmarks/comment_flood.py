"""A flood of comments against the comment process: none is shown, the queue stays usable, the site does not notice.

    python benchmarks/comment_flood.py [N] [BITS]

Each comment comes from a network of its own, as the worst flood would. The work of the form is lowered to BITS so that
this machine can send at all: with 18 bits each comment costs its sender a quarter of a million hashes.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from dideban.comments import CommentDesk, CommentStore
from dideban.comments.proof_of_work import work

PAGE, PORT = "/fa/bulletins/bridge/", 8799
BASE = f"http://127.0.0.1:{PORT}"
TEXTS = [
    "The council sold our bridge to a friend of the mayor and nobody is told about it, share this everywhere {n}",
    "پل ما را به دوست شهردار فروختند و هیچ‌کس خبر ندارد، این را برای همه بفرستید {n}",
    "باعوا جسرنا لصديق رئيس البلدية ولا أحد يعلم، أرسلوا هذا إلى الجميع {n}",
]


async def main(n: int, bits: int) -> None:
    home = Path(tempfile.mkdtemp())
    article = home / "site" / PAGE.strip("/") / "index.html"
    article.parent.mkdir(parents=True)
    article.write_text(f'{{"datePublished":"{datetime.now(UTC).isoformat()}"}}')
    before = hashlib.sha256(article.read_bytes()).hexdigest()
    key = CommentDesk(store=CommentStore(home / "comments"), site=home / "site").add_moderator("bench")
    environment = {**os.environ, "DIDEBAN_COMMENTS_BITS": str(bits)}
    code = (
        "from dideban.comments.server import serve; from pathlib import Path; import sys; "
        "serve(Path(sys.argv[1]), site=Path(sys.argv[2]), host='127.0.0.1', "
        f"port={PORT}, behind_proxy=True, is_secure=False)"
    )
    server = subprocess.Popen([sys.executable, "-c", code, str(home / "comments"), str(home / "site")], env=environment)
    try:
        await flood(n, bits, key)
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()
    shown = home / "comments" / "shown.json"
    print("shown without a moderator:", 0 if not shown.exists() else shown.read_text().count('"body"'))
    print("site unchanged after the process was killed:", hashlib.sha256(article.read_bytes()).hexdigest() == before)


async def flood(n: int, bits: int, key: str) -> None:
    async with httpx.AsyncClient(base_url=BASE, timeout=70, limits=httpx.Limits(max_connections=8)) as client:
        while True:
            try:
                assert (await client.get("/healthz")).status_code == 200
                break
            except httpx.TransportError:
                await asyncio.sleep(0.2)
        counts: dict[int, int] = {}
        waits: list[float] = []
        began = time.monotonic()
        todo = iter(range(n))

        async def sender() -> None:
            for k in todo:
                form = await client.get("/", params={"page": PAGE})
                if form.status_code != 200:
                    counts[form.status_code] = counts.get(form.status_code, 0) + 1
                    continue
                token = re.search(r'name="token" value="([^"]+)"', form.text)[1]  # type: ignore[index]
                ready.append((time.monotonic() + 4.1, k, token, work(token, bits=bits)))

        ready: list[tuple[float, int, str, str]] = []
        await asyncio.gather(*(sender() for _ in range(6)))
        forms = time.monotonic() - began
        queue = iter(ready)

        async def poster() -> None:
            for at, k, token, answer in queue:
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                address = f"{11 + k // 65536}.{k // 256 % 256}.{k % 256}.1"
                data = {"page": PAGE, "lang": "fa", "body": TEXTS[k % 3].format(n=k), "token": token, "answer": answer}
                start = time.monotonic()
                sent = await client.post("/send", data=data, headers={"X-Forwarded-For": address})
                waits.append(time.monotonic() - start)
                counts[sent.status_code] = counts.get(sent.status_code, 0) + 1

        start = time.monotonic()
        await asyncio.gather(*(poster() for _ in range(6)))
        took = time.monotonic() - start
        waits.sort()
        print(f"{n} comments: forms {forms:.1f} s, sent {took:.1f} s ({n / took:.0f}/s), answers {counts}")
        print(f"median {waits[len(waits) // 2] * 1000:.0f} ms, 99% {waits[int(len(waits) * 0.99)] * 1000:.0f} ms")
        await moderate(client, key)


async def moderate(client: httpx.AsyncClient, key: str) -> None:
    """Look at the queue and refuse group by group, as a moderator does with j, r, r, r."""
    entered = await client.post("/queue/enter", data={"key": key})
    print("signed in:", entered.status_code)
    for _ in range(6):
        start = time.monotonic()
        page = await client.get("/queue/")
        took = time.monotonic() - start
        picks = re.findall(r'data-pick="([^"]+)"', page.text)
        total = re.search(r"<p>([\d,]+) comments wait", page.text)
        print(
            f"queue: {total[1] if total else 0} wait in {len(picks)} groups, "
            f"page {took:.2f} s, {len(page.content)} bytes"
        )
        if not picks:
            return
        start = time.monotonic()
        await client.post("/queue/act", data={"do": "refuse", "pick": picks, "reason": "repeated"})
        print(f"refused {len(picks)} groups in {time.monotonic() - start:.2f} s")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, int(sys.argv[2]) if len(sys.argv) > 2 else 4))
