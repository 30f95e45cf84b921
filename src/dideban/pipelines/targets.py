"""Where pipelines write, and where the key of the pseudonyms is kept."""

from __future__ import annotations

from pathlib import Path

from dideban.errors import StoreError


def check_target(target: Path, *, mark: str) -> None:
    """Refuse to replace what is not a result of ours: a folder that holds ``mark``, or an empty one.

    Raises
    ------
    StoreError
        ``target`` is something else.
    """
    if target.exists() and not (target.is_dir() and ((target / mark).is_file() or not any(target.iterdir()))):
        raise StoreError(
            "run.not-of-this-command", hint="hint.new-folder", path=str(target)
        )  # fmt: skip


def default_key_file() -> Path:
    """Return where the key of the pseudonyms is kept unless told otherwise."""
    import os

    import platformdirs

    return Path(os.environ.get("DIDEBAN_KEY_FILE") or Path(platformdirs.user_config_dir("dideban")) / "key")


__all__ = ["check_target", "default_key_file"]
