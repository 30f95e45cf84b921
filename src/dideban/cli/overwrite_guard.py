"""Replace only files that Dideban wrote; leave all others alone."""

from __future__ import annotations

from pathlib import Path

from dideban.errors import StoreError

HEAD_BYTES = 4_096
TRUTH = b"group,account_id,kind,language,is_plant"
STREAM_TRUTH = b"group,"
EFFECTS_TRUTH = b"response,target,reduction,"
POSTS = b"post_id,account_id,platform,"


def keep_others(posts: Path) -> None:
    """Refuse to write a sample over posts or a truth file that are not those of a sample.

    Raises
    ------
    StoreError
        One of the two exists and is not ours.
    """
    truth = posts.parent / "truth.csv"
    _refuse(truth, ours=_head(truth).startswith(TRUTH))
    _refuse(posts, ours=_head(truth).startswith(TRUTH) and _is_sample(_head(posts)))


def keep_other_streams(files: dict[str, Path], *, head: bytes = STREAM_TRUTH) -> None:
    """Refuse to write a simulated stream over files that are not those of one.

    Parameters
    ----------
    files : dict
        What they hold (``truth`` among it) to their paths.
    head : bytes
        How the truth of such a stream begins.

    Raises
    ------
    StoreError
        One of them exists and there is no truth of ours beside it.
    """
    ours = _head(files["truth"]).startswith(head)
    for path in files.values():
        _refuse(path, ours=ours)


def _is_sample(head: bytes) -> bool:
    first, _, rest = head.partition(b"\n")
    if first.startswith(POSTS):
        return b",sample," in rest.partition(b"\n")[0] or not rest
    return head.startswith(b"PAR1") or b'"platform":"sample"' in first


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def _refuse(path: Path, *, ours: bool) -> None:
    if not ours and path.exists():
        raise StoreError(
            "cli.not-ours",
            hint="hint.another-file",
            path=str(path),
        )
