"""The content of a database other than SQLite as JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Model

LEFT_OUT = ("sessions.Session", "contenttypes.ContentType", "auth.Permission")
"""Rebuilt by the migrations, or worth nothing elsewhere."""
RENAMED = {("members.Membership", "role", "lead"): "coordinator", ("members.Invitation", "role", "lead"): "coordinator"}
"""Values of older dumps that migrations changed: (model, field, before) to the value now."""

RENAMED_MODELS = {"findings.finding": "findings.keptfinding"}
"""Models that older dumps call otherwise."""


class Exact(DjangoJSONEncoder):
    """Times to the microsecond: the hashes of the audit trail are made of them."""

    def default(self, o: Any) -> Any:
        """Write a time as it is."""
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def dump(to: Path) -> None:
    """Write everything that a database held at one moment, while others write on."""
    with transaction.atomic(), to.open("w", encoding="utf-8") as file:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
            if model._meta.managed and not model._meta.proxy and model._meta.label not in LEFT_OUT:
                everything = model._base_manager.order_by("pk")  # also what the usual manager hides
                rows = everything.iterator(chunk_size=500)
                serializers.serialize("jsonl", rows, stream=file, cls=Exact)


def load(source: Path) -> None:
    """Bring what :func:`dump` wrote into an empty database, all of it or nothing.

    Notes
    -----
    Rows are inserted, never updated: the database refuses to change the audit trail, by whomever.
    """
    made: set[type[Model]] = set()
    with transaction.atomic(), connection.constraint_checks_disabled():
        with source.open(encoding="utf-8") as file:
            for one in serializers.deserialize("python", _rows(file)):
                _bring_up_to_date(one.object)
                one.object.save_base(raw=True, force_insert=True)
                for name, values in (one.m2m_data or {}).items():
                    getattr(one.object, name).set(values)
                made.add(type(one.object))
        connection.check_constraints()
        with connection.cursor() as cursor:
            for line in connection.ops.sequence_reset_sql(no_style(), sorted(made, key=lambda m: m._meta.label)):
                cursor.execute(line)


def _rows(file: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in file:
        if line.strip():
            row: dict[str, Any] = json.loads(line)
            yield {**row, "model": RENAMED_MODELS.get(row["model"], row["model"])}


def _bring_up_to_date(row: Model) -> None:
    for (model, field, before), after in RENAMED.items():
        if row._meta.label == model and getattr(row, field) == before:
            setattr(row, field, after)


__all__ = ["dump", "load"]
