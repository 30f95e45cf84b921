"""One module per known file shape: recognise it, map it."""

from dideban.ingest.format import Shape
from dideban.ingest.sources.bluesky import BLUESKY, JETSTREAM
from dideban.ingest.sources.fourcat import FOURCAT, ZEESCHUIMER
from dideban.ingest.sources.generic import DIDEBAN, GENERIC
from dideban.ingest.sources.mastodon import MASTODON
from dideban.ingest.sources.meta import CROWDTANGLE, META
from dideban.ingest.sources.peers import COORTWEET, QUT
from dideban.ingest.sources.reddit import REDDIT
from dideban.ingest.sources.telegram import TELEGRAM
from dideban.ingest.sources.x import X_IO, X_V1, X_V2

SHAPES: tuple[Shape, ...] = (
    DIDEBAN, X_V2, X_V1, X_IO, ZEESCHUIMER, FOURCAT, META, CROWDTANGLE, TELEGRAM, MASTODON, JETSTREAM, BLUESKY,
    REDDIT, COORTWEET, QUT,
)  # fmt: skip
"""Known shapes; no two recognise the same file, the first that does reads it."""

__all__ = ["GENERIC", "SHAPES"]
