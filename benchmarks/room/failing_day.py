"""Twenty-four hours of a room with twenty sources that fail in every way, by a clock that runs fast.

Run ``python benchmarks/room/failing_day.py --hours 24``. It prints the memory of each hour and which sources did not
speak again after they healed. Ends with 1 where one is stuck or memory grew by more than a tenth after the second hour.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from room.day import HOME, live_through  # isort: skip # makes Django ready
from django.core.management import call_command
from django.test import override_settings

from dideban.room.rooms.actions import create_room
from room.hostile import Server


def main() -> int:
    """Run it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hours", type=int, default=24)
    chosen = options.parse_args()
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    began = time.monotonic()
    with override_settings(DATA=HOME / "data", ALLOW_PRIVATE_ADDRESSES=True), Server().running() as web:
        seen = live_through(create_room(slug="watch", name="Watch"), web, hours=chosen.hours)
    grown = seen.rss_mib[-1] / seen.rss_mib[min(1, len(seen.rss_mib) - 1)] - 1
    result = {
        "hours": chosen.hours, "polls": seen.n_polls, "stuck": seen.stuck, "seconds": round(time.monotonic() - began),
        "rss_mib": [round(one) for one in seen.rss_mib], "grown_share": round(grown, 3),
    }  # fmt: skip
    print(json.dumps(result))
    shutil.rmtree(HOME, ignore_errors=True)
    return 1 if seen.stuck or grown > 0.1 else 0


if __name__ == "__main__":
    sys.exit(main())
