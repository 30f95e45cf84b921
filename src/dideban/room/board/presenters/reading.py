"""Where ``dideban.room.wording.reading`` was; pages under way still look here."""

from dideban.room.wording.reading import *  # noqa: F403
