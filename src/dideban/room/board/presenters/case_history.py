"""What happened to a case: the audit trail knows numbers, the page says what they were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from dideban.room.audit.models import AuditEvent
from dideban.room.cases.models import CaseFile, CaseSearch, Task
from dideban.room.wording import reading, words


def history_of(
    events: Iterable[AuditEvent], *, tasks: Sequence[Task], files: Sequence[CaseFile], searches: Sequence[CaseSearch]
) -> list[tuple[AuditEvent, str]]:
    """Return events of a case with what each is about: the task, the file, the status, the other case.

    No query.
    """
    titles = {task.pk: task.title for task in tasks}
    names = {file.pk: file.name for file in files}
    asked = {kept.pk: kept.name for kept in searches}
    return [(event, _about(event, titles, names, asked)) for event in events]


def _about(event: AuditEvent, titles: dict[int, str], names: dict[int, str], asked: dict[int, str]) -> str:
    details = event.details
    match details:
        case {"response": int(number)}:
            return _("response %(number)s") % {"number": reading.number(number)}
        case {"lot": int(number)}:
            return _("lot %(number)s") % {"number": reading.number(number)}
        case {"task": int(pk)}:
            return titles.get(pk, "")
        case {"file": int(pk)}:
            return names.get(pk, "")
        case {"status": str(slug)}:
            return words.word("status", slug)
        case {"other": int(number)}:
            return _("case %(number)s") % {"number": reading.number(number)}
        case {"narrative": int(number)}:
            return _("narrative %(number)s") % {"number": reading.number(number)}
        case {"search": int(pk)}:
            return asked.get(pk, "")
        case {"group": int(number)}:
            return _numbers([number])
        case {"groups": [*numbers]}:
            return _numbers(numbers)
    return ""


def _numbers(numbers: list[int]) -> str:
    return _("finding %(number)s") % {"number": " · ".join(reading.number(n) for n in numbers)}
