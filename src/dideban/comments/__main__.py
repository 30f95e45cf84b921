"""``python -m dideban.comments HOST PORT``: the comment process as a child that ends with its parent."""

from __future__ import annotations

import sys

from dideban.comments.server import watched_serve

if __name__ == "__main__":
    watched_serve(host=sys.argv[1], port=int(sys.argv[2]))
