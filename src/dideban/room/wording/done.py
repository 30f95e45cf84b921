"""What a page shows after an action."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

SAVED, REMOVED = _("Saved."), _("Removed.")
DONE: dict[str, Any] = {
    "finding_act.verdict": "", "triage_act.verdict": "", "triage_act.undo": _("Your verdict is taken back."),
    "triage_act.assign": _("Asked."), "finding_act.comment": _("Your comment stands below."),
    "finding_act.uncomment": _("Your comment is taken back."), "finding_act.case": _("The finding is in this case."),
    "finding_act.steps": _("The chosen steps are tasks now."),
    "search_act.save": _("The search is kept. A rule can tell you of new posts for it."), "search_act.remove": REMOVED,
    "search_act.case": _("The search is in this case."),
    "narrative_act.case": _("The narrative is in this case."), "case_open": _("The case is open."),
    "case_act.task": _("The task is kept."),
    "case_act.note-delete": REMOVED, "case_act.file-delete": REMOVED, "case_act.unlink": REMOVED,
    "case_act.group-drop": REMOVED, "case_act.narrative-drop": REMOVED,
    "case_act.search-drop": REMOVED, "case_watch.watch": _("You watch this case now."),
    "case_watch.unwatch": _("You do not watch this case any more."), "case_add_file": _("The files are kept."),
    "response_plan": _("The plan is registered. Say here when it has happened."),
    "lot_draw": _("The lot is drawn, and the response planned."),
    "lot_refuse": _("Noted. Its response counts as chosen."),
    "response_act.tell": _("Noted. Its effect is worked out when the horizon is over."),
    "response_act.untell": _("Taken back."), "response_act.cancel": _("It is called off."),
    "queue_act.judge": "", "queue_act.next": "", "misses_act.note": _("Noted."),
    "misses_act.withdraw": _("Taken back."), "learning_act.accept": _("Accepted."),
    "learning_act.refuse": _("Refused."), "case_close": _("The case is closed."),
    "compare_act.save": _("The comparison is kept."), "compare_act.remove": REMOVED,
    "past_ask": "", "past_act.cancel": _("The run is cancelled."), "past_act.remove": REMOVED,
    "handover_write": _("The note is handed over."), "handover_read": _("Noted as read."),
    "source_add": _("The room follows it now."),
    "source_act.test": _("The test is under way; its outcome stands below."),
    "source_act.backfill": _("Looking back is under way; its outcome stands below."),
    "source_act.pause": _("It is paused."), "source_act.resume": _("It goes on."), "source_act.remove": REMOVED,
    "source_act.token": "", "source_upload": "",
    "import_act.look": "", "import_act.take": "", "import_act.undo": "", "import_act.leave": REMOVED,
    "alerts_handle": _("Handled."), "rule_act.remove": REMOVED, "rule_act.pause": _("It is paused."),
    "rule_act.resume": _("It goes on."), "webhook_act.add": "",
    "webhook_act.test": _("The test is on its way; how it went stands below."), "webhook_act.again": _("Tried again."),
    "webhook_act.remove": REMOVED,
    "members_act.invite": "", "members_act.revoke": _("The invitation does not hold any more."),
    "members_act.remove": REMOVED, "tokens_act.make": "", "tokens_act.revoke": _("The token opens nothing any more."),
    "reveal_ask": _("Asked. Another member has to agree."), "reveal_decide.agree": _("You agreed."),
    "reveal_decide.refuse": _("You refused."), "erasure_ask": _("The deletion is under way."),
    "share_ask": _("Noted. It stands in this list."), "sent_act.agree": _("You agreed. It is sent."),
    "sent_act.refuse": _("You refused."), "sent_act.revoke": _("Taken back."),
    "inbox_act.bring": _("It is taken in; what was refused stands below."), "inbox_act.aside": _("It is put aside."),
    "peers_act.token": "",
    "federation_act.ask": _("Asked. Another member has to agree."),
    "federation_act.agree": _("You agreed. The room takes part."), "federation_act.refuse": _("You refused."),
    "federation_act.leave": _("The room says nothing more in this epoch."),
    "federation_act.end-phase": _("The phase ends with the next step."),
    "publish_act.change": _("A new version is kept."),
    "publish_act.ask": _("Asked. Another member has to agree."),
    "publish_act.agree": _("Published. The site has it within minutes."), "publish_act.refuse": _("You refused."),
    "publish_act.withdraw": _("Withdrawn. It leaves the site within minutes."),
    "publish_people.consent-withdraw": _("Taken back. The story leaves the site within minutes."),
    "publish_people.photo-remove": REMOVED,
    "exercises_make": _("The exercises are drafts. A second member has to go through them."),
    "exercise_act.review": _("Reviewed. It can be published."), "exercise_act.publish": _("It is published."),
    "exercise_act.withdraw": _("It is withdrawn."), "exercise_act.count": _("The totals are added."),
    "places_act.remove": REMOVED, "owners_act.remove": REMOVED,
}  # fmt: skip
"""View, and what its form asked it to do, to words; "" where the page itself shows the outcome."""


def done_words(view: str, do: str) -> str:
    """Return what is said after ``do`` succeeded in ``view``."""
    return str(DONE.get(f"{view}.{do}", DONE.get(view, SAVED)))
