"""Where ``dideban.room.wording.words`` was; pages under way still look here."""

from dideban.room.wording.words import *  # noqa: F403
