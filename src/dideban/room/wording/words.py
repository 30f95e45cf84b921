"""Words for the slugs in the database. Everything here is translated in ``locale``."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from dideban.messages import languages, locale
from dideban.room.wording.interface import OPERATIONS
from dideban.room.wording.rejects import REJECTS

WORDS: dict[str, dict[str, Any]] = {
    "verdict": {
        "": _("no verdict yet"), "confirmed": _("confirmed"), "declared": _("declared"),
        "false-alarm": _("false alarm"), "unsure": _("unsure"),
    },
    "triage": {
        "waiting": _("without a verdict"), "mine": _("asked of me"), "second": _("for a second look"), "all": _("all"),
    },
    "label": {
        "unexplained": _("no declared owner"), "declared": _("declared"),
        "contradicts-declared": _("contradicts what was declared"),
    },
    "method": {
        "synchrony": _("synchrony test"), "threshold": _("threshold rule"), "coortweet": _("CooRTweet rule"),
        "qut": _("QUT rule"),
    },
    "exercise_form": {
        "together": _("Which belong together?"), "timeline": _("Chance or concert?"), "same-text": _("The same text?"),
        "explain": _("What else could explain it?"), "next": _("What would you check next?"),
    },
    "exercise_state": {
        "draft": _("draft"), "reviewed": _("reviewed"), "published": _("published"), "withdrawn": _("withdrawn"),
    },
    "exercise_why": {
        "case-reopened": _("the case was opened again"), "verdict-changed": _("the verdict changed"),
        "person-erased": _("a person was deleted on request"), "by-member": _("a member withdrew it"),
    },
    "status": {"open": _("open"), "waiting": _("waiting"), "closed": _("closed")},
    "severity": {"low": _("low"), "medium": _("medium"), "high": _("high")},
    "role": {"viewer": _("viewer"), "analyst": _("analyst"), "editor": _("editor"), "coordinator": _("coordinator"),
             "lead": _("coordinator")},  # as older events of the audit trail name it
    "role_may": {
        "viewer": _("see findings, posts, cases and files"),
        "analyst": _("judge findings, work on cases and bring in files"),
        "editor": _("do what analysts do, add sources, change rules and agree to reveals"),
        "coordinator": _("do everything, with members and settings too"),
    },
    "case_template": {
        "campaign": _("a campaign"), "recycled": _("an old text or picture come back"),
        "election": _("an election day"),
    },
    "note": {"note": _("note"), "decision": _("decision")},
    "health": {
        "new": _("not asked yet"), "ok": _("well"), "silent": _("silent"), "failing": _("failing"),
        "paused": _("paused"),
    },
    "source": {}, "source_help": {}, "source_choices": {}, "source_field": {}, "source_hint": {}, "field": {},
    "run": {"poll": _("regular"), "test": _("test"), "backfill": _("backfill"), "upload": _("upload"),
            "look": _("waits to be taken in")},
    "post_column": {
        "post_id": _("id of the post"), "account_id": _("account"), "platform": _("platform"),
        "created_at": _("time"), "text": _("text"), "lang": _("language"), "urls": _("links"),
        "hashtags": _("hashtags"), "mentions": _("mentions"), "media": _("pictures"), "repost_of": _("repost of"),
        "reply_to": _("reply to"), "quote_of": _("quote of"), "place": _("place"), "reach": _("reach"),
    },
    "rule": {
        "new-finding": _("new finding"), "growing-finding": _("growing finding"),
        "narrative-burst": _("narrative burst"), "saved-search": _("saved search"),
        "source-silent": _("silent source"), "room-late": _("the room is late"), "task-due": _("task due"),
        "audit-trail": _("audit trail changed"),
    },
    "pace": {"now": _("each at once"), "daily": _("together, once a day"), "weekly": _("together, on Mondays")},
    "preset": {
        "dideban": _("programs (signed JSON)"), "slack": _("Slack"), "mattermost": _("Mattermost"),
        "matrix": _("Matrix"),
        "telegram": _("Telegram bot"), "ntfy": _("ntfy"),
    },
    "param": {
        "min_accounts": _("Accounts, at least"), "with_leads": _("Tell of leads too"),
        "min_growth": _("Growth, at least (0.5 = half as many again)"), "min_posts": _("Posts, at least"),
        "quiet_min": _("Told again after, minutes"), "late_s": _("Late by, seconds"),
    },
    "event": {
        "born": _("first seen"), "grew": _("grew"), "shrank": _("shrank"), "returned": _("returned"),
        "split": _("split"), "merged": _("merged"), "ended": _("ended"),
    },
    "tick": {
        "running": _("running"), "done": _("done"), "unchanged": _("nothing new"), "failed": _("failed"),
    },
    "past_run": {
        "waiting": _("waiting"), "running": _("running"), "done": _("done"), "failed": _("failed"),
        "cancelled": _("cancelled"),
    },
    "asked": {
        "words": _("words"), "link": _("a link"), "domain": _("a site"), "hashtag": _("a hashtag"),
        "account": _("an account"), "finding": _("the id of a finding"), "number": _("a number"),
        "post": _("the name of a post"),
    },
    "compare_by": {
        "": _("searches"), "lang": _("languages"), "place": _("places"), "source": _("sources"),
        "platform": _("platforms"),
    },
    "match": {
        "same": _("seen before: the same accounts"), "grown": _("larger than before"),
        "smaller": _("smaller than before"), "others": _("seen before with other accounts"),
        "objects": _("other accounts, the same links or tags"),
    },
    "scope": {
        "read": _("read findings, cases and alerts"), "posts": _("read posts"),
        "write": _("give verdicts, comment, work on cases"), "feed": _("read the feed of alerts"),
    },
    "origin": {
        "finding": _("from a finding"), "narrative": _("from a narrative"), "search": _("from a search"),
        "hand": _("by hand"),
    },
    "setting": {
        "name": _("Name"), "horizon_days": _("Days that every analysis looks at"),
        "tick_s": _("Seconds between analyses"), "retention_days": _("Days that posts are kept"),
        "reveal_hours": _("Hours a reveal stays open"),
    },
    "role_of_post": {
        "first": _("the first"), "most-copied": _("copied most often"), "typical": _("a typical one"),
    },
    "language": {language: locale(language).name for language in languages()},
    "reject": REJECTS, "operation": OPERATIONS,
    "owner": {
        "brand": _("company or brand"), "party": _("party or movement"), "wire": _("news agency"),
        "official": _("public office"),
    },
    "unit": {"B": _("B"), "KiB": _("KiB"), "MiB": _("MiB"), "GiB": _("GiB")},
    "response": {
        "correction": _("correction"), "bulletin": _("bulletin"), "report": _("report to a platform"),
        "talk": _("conversation with a publisher"), "nothing": _("nothing, on purpose"), "other": _("something else"),
    },
    "outcome": {
        "posts": _("posts of the target"), "elsewhere": _("other posts by the same accounts"),
    },
    "response_state": {
        "planned": _("planned"), "running": _("happened, horizon not over"), "over": _("horizon over"),
        "cancelled": _("called off"),
    },
    "effect": {"fewer": _("fewer posts"), "more": _("more posts"), "open": _("not told from chance")},
    "further": {
        "accounts": _("other posts by the accounts that shared it early"),
        "texts": _("the same words without the target"), "gone": _("posts that were removed"),
    },
    "further_short": {"accounts": _("accounts"), "texts": _("texts"), "gone": _("removed")},
    "further_reading": {
        "moved-more": _("more there: part of it may have moved"), "moved-fewer": _("less there too"),
        "moved-open": _("no move to be told from chance"), "gone-more": _("removed sooner than chance explains"),
        "gone-fewer": _("stayed longer than chance explains"), "gone-open": _("not told from chance"),
        "unknown": _("not identifiable"),
    },
    "further_short_reading": {
        "moved-more": _("may have moved"), "moved-fewer": _("less too"), "moved-open": _("unclear"),
        "gone-more": _("sooner"), "gone-fewer": _("later"), "gone-open": _("unclear"), "unknown": _("not identifiable"),
    },
    "effect_change": {
        "unknown-target": _("Choose a target that the room's own sources carry."),
        "too-early": _("Time: it is looked at again when the data are there."),
        "before-data": _("A longer horizon of the room, or a response to something it has watched for three days."),
        "other-horizon": _("Plan with one of the horizons that the room offers."),
        "planned-late": _("Plan the next response before it happens."),
        "told-late": _("Say when a response happened on the day it happens."),
        "not-noticed": _("Answer targets that many have told within a day: small ones have nothing to compare with."),
        "few-posts": _("Answer targets that were told more, or watch more sources."),
        "not-watched": _("A watch without gaps around the response: see the sources and the self-review."),
        "answered-again": _("Leave time between two responses to the same target."),
        "few-controls": _("More targets that nobody answers: wider sources, or a lot that lets some wait."),
        "moved-group": _("Nothing, for this one: a narrative, link or hashtag as the target would tell."),
        "moved-nothing-there": _("Nothing, for this one: there is nothing to compare."),
        "gone-unheard": _("A source that tells of removals (the stream of Bluesky), or a list of posts that are gone."),
        "gone-not-yet-heard": _("Nothing, for this one: the next responses come after removals are known."),
        "gone-few-posts": _("Targets with more posts where removals are known, or a list that covers their platform."),
        "gone-nothing-compared": _("More targets that nobody answers where removals are known, or a longer horizon."),
        "unlike": _("Nothing, for this one: it is unlike all others. A lot would compare it with its own candidates."),
        "silent": _("A shorter horizon, or a response while there is still something to change."),
        "moved-before": _("Nothing, for this one: something else changed it first. A lot does not have this weakness."),
    },
    "step": {
        "began": _("first post"), "decidable": _("first post to the deciding one"),
        "claimed": _("deciding post to the finding"), "alerted": _("finding to the alert"),
        "seen": _("alert to a member looking"), "answered": _("looking to the first response"),
        "closed": _("to the case being closed"),
    },
    "band": {
        "lead": _("leads"), "rule": _("a rule without a test"), "under-100": _("e-value below 100"),
        "under-10000": _("e-value below 10,000"), "under-1e8": _("e-value below 100 million"),
        "from-1e8": _("e-value of 100 million or more"),
    },
    "judged": {
        "confirmed": _("confirmed"), "declared": _("declared"), "false-alarm": _("false alarm"),
        "unsure": _("unsure"), "disputed": _("disputed"), "none": _("no verdict yet"),
    },
    "work": {
        "alerts": _("alerts"), "verdicts": _("verdicts"), "cases-opened": _("cases opened"),
        "cases-closed": _("cases closed"), "tasks-done": _("tasks done"), "responses": _("responses"),
    },
    "planted": {"n_accounts": _("Accounts"), "n_operations": _("things pushed"), "kind": _("Kind")},
    "object_kind": {
        "link": _("link"), "domain": _("website"), "hashtags": _("hashtags"), "text": _("text"),
        "repost": _("repost"), "reply": _("reply"), "media": _("picture"), "contact": _("contact"),
    },
    "miss": {
        "not-followed": _("its sources are not followed"), "too-few": _("too few accounts or posts"),
        "too-slow": _("slower than the horizon"), "explained-away": _("an ordinary explanation was believed"),
        "below-threshold": _("below the strength that is told"), "unknown": _("not known"),
    },
    "proposal_state": {
        "open": _("open"), "accepted": _("accepted"), "refused": _("refused"),
        "passed": _("the figures no longer speak for it"),
    },
    "case_step": {
        "began": _("first post"), "decidable": _("deciding post"), "claimed": _("finding"), "alerted": _("alert"),
        "seen": _("a member looked"), "opened": _("case opened"), "answered": _("first response"),
        "closed": _("case closed"),
    },
    "case_count": {
        "findings": _("findings"), "narratives": _("narratives"), "judged": _("with a verdict"),
        "false-alarms": _("false alarms"), "responses": _("responses"), "effects-known": _("effects known"),
        "effects-not": _("effects not identifiable"), "tasks": _("tasks"), "tasks-open": _("tasks open"),
        "decisions": _("decisions"), "events": _("entries of the trail"),
    },
    "delay_band": {
        "0-6": _("within 6 hours of being noticed"), "6-24": _("6 to 24 hours after"), "24": _("a day or more after"),
    },
    "yes": {"True": _("yes"), "False": _("no")},
    "subject": {
        "case": _("Case"), "group": _("Finding"), "source": _("Source"), "rule": _("Rule"), "member": _("Member"),
        "place": _("Place"), "room": _("Room"), "search": _("Search"), "reveal": _("Reveal"), "token": _("Token"),
        "handover": _("Hand-over"), "webhook": _("Webhook"), "invitation": _("Invitation"),
        "erasure": _("Deletion on request"), "peer": _("Peer"), "collection": _("Collection"),
        "export": _("What was sent"), "joint": _("Epoch with other rooms"),
        "arrival": _("What arrived"), "arrived": _("What arrived"),
        "miss": _("Miss"), "proposal": _("Proposal"), "past": _("Past period"), "comparison": _("Comparison"),
        "letter": _("Letter"), "page": _("Page"), "exercise": _("Exercise"),
    },
    "detail": {
        "account": _("Account"), "alerts": _("Alerts"), "comment": _("Comment"), "fields": _("What"),
        "file": _("File"), "finding": _("Finding"), "findings": _("Findings"), "group": _("Finding"),
        "groups": _("Findings"), "is_demo": _("demo"), "is_paused": _("paused"), "kind": _("Kind"), "n": _("Number"),
        "name": _("Name"), "names": _("Name"), "narrative": _("Narrative"),
        "needs_second_factor": _("Every member needs a second factor"),
        "note": _("Note"), "origin": _("From"), "other": _("Case"), "owner": _("Owner"), "owners": _("Owners"),
        "places": _("Places"), "posts": _("Posts"), "role": _("Role"), "run": _("Try"), "scopes": _("It may"),
        "search": _("Search"), "severity": _("Severity"), "sha256": "SHA-256", "status": _("Status"),
        "summary": _("Summary"), "task": _("Task"), "title": _("Title"), "language": _("Language"),
        "network": _("Network"), "reason": _("Reason"), "tlp": "TLP", "refused": _("Refused"),
        "response": _("Response"), "lot": _("Lot"), "plan": _("Hash of the plan"), "horizon_h": _("Horizon, hours"),
        "happened_at": _("Happened"), "seed": _("Seed"), "narratives": _("Narratives"),
        "member": _("Member"), "federation": _("Federation"), "epoch": _("Epoch"), "rooms": _("Rooms"),
        "phase": _("Phase"), "statement": _("Hash of what was read"), "left_out": _("Left out"),
        "about": _("About"), "setting": _("Setting"), "before": _("Before"), "after": _("After"), "because": _("Why"),
        "why": _("Why"), "wrong": _("False alarms"), "judged": _("Judged"), "cases": _("Cases"), "slow": _("Too slow"),
        "before_data": _("Without the days before"), "share": _("Share"), "members": _("Members"),
        "since": _("From"), "until": _("Until"), "files": _("Files"), "found": _("Found"), "known": _("Known already"),
        "lang": _("Language"), "made": _("Made"), "new": _("New"), "rows": _("Rows"), "seq": _("Entry"),
        "series": _("Series"), "case": _("Case"), "version": _("Version"),
        "place": _("Place"), "interval_s": _("Ask every, seconds"), "settings": _("Settings"),
    },
    "not_second": {
        "made-by-asker": _("made by the member who asked"), "too-young": _("too young"),
        "same-device": _("the same browser"),
    },
    "page_state": {
        "draft": _("draft"), "waiting": _("waits for a second member"), "published": _("published"),
        "withdrawn": _("withdrawn"),
    },
    "page_kind": {
        "bulletin": _("Bulletin"), "lesson": _("Lesson"), "story": _("Story"), "about": _("About us"),
    },
    "withdrawn_reason": {
        "person": _("at the person’s wish"), "finding": _("its finding does not hold any more"),
        "consent": _("the consent has ended"), "room": _("by the room"),
    },
    "consent_scope": {
        "any": _("the person"), "web": _("web"), "print": _("print"), "social": _("social media"),
        "photo": _("photo"),
    },
    "consent_method": {
        "signed": _("signed sheet"), "recorded": _("recording"), "witnessed": _("in front of a witness"),
    },
    "letter_kind": {"complaint": _("complaint"), "proposal": _("proposal")},
    "media_rating": {
        "DecontextualizedContent": _("out of context"), "EditedOrCroppedContent": _("edited or cropped"),
        "OriginalMediaContent": _("original"), "SatireOrParodyContent": _("satire or parody"),
        "StagedContent": _("staged"), "TransformedContent": _("changed"),
    },
    "export_state": {
        "waiting": _("waits for a second member"), "sent": _("sent"), "refused": _("refused"),
        "revoked": _("taken back"),
    },
    "joint_state": {
        "waiting": _("waits for a second member"), "refused": _("refused"), "open": _("under way"), "done": _("done"),
        "void": _("void: it ended before the round was done"), "left": _("the room left"),
        "halted": _("stopped: a member has to look"),
    },
    "joint_phase": {
        "0": _("proposing"), "1": _("saying where members were seen together"), "2": _("replying"),
        "3": _("the round is over"),
    },
    "joint_said": {
        "answered": _("answered"), "too-few": _("too few of the accounts"), "held": _("knew enough, did not answer"),
        "silent": _("said nothing"), "for": _("speaks for it"), "against": _("speaks against it"),
        "nothing": _("says nothing of weight"),
    },
    "arrived_state": {"new": _("new"), "linked": _("pushes the same"), "set-aside": _("put aside")},
    "opinion": {
        "strongly-disagree": _("strongly disagrees"), "disagree": _("disagrees"), "neutral": _("neutral"),
        "agree": _("agrees"), "strongly-agree": _("strongly agrees"),
    },
    "solar_month": {
        "1": _("Farvardin"), "2": _("Ordibehesht"), "3": _("Khordad"), "4": _("Tir"), "5": _("Mordad"),
        "6": _("Shahrivar"), "7": _("Mehr"), "8": _("Aban"), "9": _("Azar"), "10": _("Dey"), "11": _("Bahman"),
        "12": _("Esfand"),
    },
    "lunar_month": {
        "1": _("Muharram"), "2": _("Safar"), "3": _("Rabi I"), "4": _("Rabi II"), "5": _("Jumada I"),
        "6": _("Jumada II"), "7": _("Rajab"), "8": _("Shaban"), "9": _("Ramadan"), "10": _("Shawwal"),
        "11": _("Dhu al-Qadah"), "12": _("Dhu al-Hijjah"),
    },
    "tour": {
        "now": _("What is new, growing, late and waiting for you. It renews itself while you look."),
        "findings": _("Each line says what was pushed, by how many, and how sure that is. Open one with Enter."),
        "finding": _(
            "One group: what it pushed and when. Below: its accounts, the ordinary explanations that were checked, and "
            "your verdict."
        ),
        "triage": _("All that nobody has judged yet, one after the other, with keys: 1 to 4 choose a verdict."),
        "case": _("What belongs together for people: findings, tasks, notes and a timeline. Its decisions stay."),
        "narrative": _("Posts that tell the same, whoever wrote them: no claim about anybody, only what is told."),
        "effect": _("Answers of the room, planned before they happen, and what they changed: more, less, or nothing."),
        "public": _("What the room publishes: bulletins, lessons and stories, each agreed to by a second member."),
    },
    "demo_act": {
        "campaign": _("a group begins to push the same words, in Persian"),
        "growth": _("the group grows"),
        "second": _("a second group appears, with a text in Arabic"),
        "story": _("people begin to tell a story, each in their own words"),
        "wire": _("the desks of a news agency post the same hashtags: a group whose ordinary explanation holds"),
        "choir": _("a choir posts together for its concert: an alarm for you to judge"),
        "story-grows": _("the story grows"),
        "silence": _("one of the two sources falls silent"),
        "voice": _("the silent source speaks again"),
        "effect": _("what a response of two days ago did becomes known"),
        "again": _("the hour begins again, with other posts"),
    },
    "calendar": {"gregorian": _("Gregorian"), "jalali": _("Solar Hijri (Jalali)"), "hijri": _("Lunar Hijri")},
    "theme": {"auto": _("as the system"), "light": _("light"), "dark": _("dark")},
}  # fmt: skip

"""What a slug is called. Types of sources bring their own words (:func:`learn`)."""

USUAL_RULES = {"New finding", "Growing finding", "Narrative burst", "Silent source", "The room is late", "Task due"}
"""Names that every new room gives its rules (upkeep.setup.DEFAULT_RULES)."""

ACTIONS = {
    "exercise.make": _("made exercises"), "exercise.review": _("went through an exercise"),
    "exercise.publish": _("published an exercise"), "exercise.withdraw": _("withdrew an exercise"),
    "exercise.count": _("typed in totals of sheets"),
    "anchors.count": _("counted the anchors of the audit trail"),
    "anchors.lose": _("found that anchors of the audit trail are gone"),
    "anchors.peer": _("keeps anchors of another room from now on"),
    "anchors.refuse": _("refused an anchor of another room"),
    "anchors.renew": _("began anew with anchors of the audit trail"),
    "anchors.series": _("another room began anew with its anchors"),
    "consent.record": _("recorded a consent"), "consent.withdraw": _("took a consent back for a person"),
    "letter.answer": _("answered a reader"), "letter.keep": _("a reader wrote"),
    "newsletter.block": _("an address is never written to again"), "newsletter.bounce": _("an address is gone"),
    "newsletter.join": _("a reader joined the newsletter"), "newsletter.leave": _("a reader left the newsletter"),
    "page.ask": _("asked to publish a page"),
    "page.change": _("changed a page"), "page.grounds": _("changed what a page rests on"),
    "page.publish": _("agreed and published a page"), "page.refuse": _("refused to publish a page"),
    "page.withdraw": _("withdrew a page"), "page.write": _("wrote a page"), "photo.add": _("added a photo"),
    "photo.remove": _("removed a photo"), "site.change": _("changed the public site"),
    "alert.handle": _("handled alerts"), "case.change": _("changed the case"), "case.link-case": _("linked a case"),
    "case.link-findings": _("added findings"), "case.link-narrative": _("added a narrative"),
    "case.unlink-narrative": _("took a narrative out"), "case.keep-search": _("kept a search with the case"),
    "case.drop-search": _("took a search out"), "case.open": _("opened the case"),
    "case.status": _("changed the status"), "case.unlink-case": _("took a link to a case back"),
    "case.unlink-finding": _("took a finding out"), "case.unwatch": _("stopped watching"),
    "case.watch": _("began watching"), "decision.add": _("noted a decision"),
    "decision.withdraw": _("withdrew a decision"), "file.add": _("added a file"),
    "file.delete": _("took a file out"), "finding.comment": _("commented"),
    "finding.uncomment": _("took a comment back"),
    "finding.verdict": _("gave a verdict"), "finding.unverdict": _("took a verdict back"),
    "finding.assign": _("asked a member for a verdict"), "handover.read": _("read a hand-over note"),
    "handover.write": _("wrote a hand-over note"), "invitation.make": _("invited somebody"),
    "invitation.revoke": _("revoked an invitation"), "member.change": _("changed a role"),
    "member.create": _("made a member"), "member.join": _("joined"), "member.leave": _("left"),
    "comparison.save": _("kept a comparison"), "comparison.remove": _("removed a comparison"),
    "past.ask": _("asked for the analysis of a past period"), "past.cancel": _("cancelled a run"),
    "past.remove": _("removed a run with its findings"),
    "note.add": _("wrote a note"), "note.delete": _("deleted a note"), "note.edit": _("changed a note"),
    "owner.remove": _("removed a declared owner"), "owner.save": _("saved a declared owner"),
    "person.erase": _("deleted a person's posts on request"),
    "posts.retain": _("removed posts whose time is over"),
    "person.erased": _("deleted a person's posts"), "place.remove": _("removed a place"),
    "place.save": _("saved a place"), "reveal.agree": _("agreed to a reveal"), "reveal.ask": _("asked for a reveal"),
    "reveal.refuse": _("refused a reveal"), "reveal.see": _("saw an original account"),
    "reveal.not-second": _("tried to agree to a reveal and may not"),
    "member.password": _("set a password on the machine"), "member.guessed": _("wrong passwords were tried"),
    "posts.import": _("brought posts of another scan in"),
    "export.ask": _("asked that something leaves the room"), "export.send": _("let something leave the room"),
    "export.refuse": _("refused that something leaves the room"), "export.revoke": _("took back what was sent"),
    "peer.save": _("saved a peer"), "peer.token": _("made a token for a peer"), "peer.pause": _("paused a peer"),
    "peer.pin": _("pinned the key of a peer"), "peer.unpin": _("took the pin of a peer away"),
    "peer.resume": _("resumed a peer"), "collection.save": _("saved a collection"),
    "collection.remove": _("removed a collection"), "bundle.arrive": _("took in what arrived"),
    "joint.ask": _("asked to prove together with other rooms"),
    "joint.agree": _("agreed to prove together with other rooms"),
    "joint.refuse": _("refused to prove together with other rooms"), "joint.leave": _("left an epoch of other rooms"),
    "joint.end-phase": _("ended a phase before its time"), "joint.say": _("made messages to other rooms"),
    "joint.close": _("closed a phase of the record"), "joint.done": _("kept what the rooms proved together"),
    "joint.void": _("closed an epoch that was not finished"), "joint.halt": _("stopped talking to other rooms"),
    "arrived.aside": _("put aside what arrived"),
    "room.change": _("changed settings"), "room.create": _("made the room"), "rule.pause": _("paused a rule"),
    "rule.remove": _("removed a rule"), "rule.resume": _("resumed a rule"), "rule.save": _("saved a rule"),
    "search.remove": _("removed a search"), "search.save": _("saved a search"), "source.add": _("added a source"),
    "source.backfill": _("asked for a backfill"), "source.change": _("changed a source"),
    "source.pause": _("paused a source"), "source.remove": _("removed a source"),
    "lot.draw": _("drew a lot"), "lot.open": _("opened a lot"), "lot.refuse": _("refused a lot"),
    "response.cancel": _("called a response off"), "response.change": _("changed the plan of a response"),
    "removals.bring": _("brought a list of removed posts"),
    "response.plan": _("planned a response"), "response.tell": _("told when a response happened"),
    "response.untell": _("took back that a response happened"),
    "decoy.judge": _("judged a made-up item"), "miss.note": _("noted what others found first"),
    "miss.withdraw": _("took a noted miss back"), "proposal.accept": _("accepted a proposal"),
    "proposal.refuse": _("refused a proposal"), "case.review": _("reviewed the case"),
    "source.resume": _("resumed a source"), "source.test": _("tested a source"),
    "source.token": _("made a new intake token"), "source.upload": _("uploaded files"),
    "source.undo": _("undid an import"), "source.undone": _("removed the posts of an import"),
    "task.add": _("added a task"),
    "task.change": _("changed a task"), "task.done": _("finished a task"), "task.reopen": _("opened a task again"),
    "token.make": _("made a token"), "token.revoke": _("revoked a token"), "webhook.add": _("added a webhook"),
    "webhook.remove": _("removed a webhook"), "webhook.test": _("tested a webhook"),
    "webhook.again": _("sent alerts to a webhook again"),
}  # fmt: skip


def usual_name(name: str, kind: str) -> str:
    """Return the name under which a new room keeps its rule, where a form sends it back in another language."""
    usual = {"new-finding": "New finding", "growing-finding": "Growing finding", "source-silent": "Silent source",
             "room-late": "The room is late", "task-due": "Task due"}.get(kind, "")  # fmt: skip
    return usual if usual and name.strip() == word("rule", kind) else name


def word(kind: str, slug: object) -> str:
    """Return the word for a slug in the language of the page; the slug itself where there is none."""
    return str(WORDS.get(kind, {}).get(str(slug), slug))


def learn(kind: str, slug: str, text: Any, *, is_shared: bool = False) -> None:
    """Take up the word for a slug from any contributor; of shared ones the first is kept."""
    if not (is_shared and slug in WORDS[kind]):
        WORDS[kind][slug] = text


KINDS_OF_ACTIONS = {"finding": "verdict", "rule": "rule", "source": "source", "note": "note", "decision": "note",
                    "response": "response", "letter": "letter_kind", "page": "page_kind"}  # fmt: skip
"""Which words say the ``kind`` that an action notes."""
DETAIL_WORDS = {
    "role": "role",
    "status": "status",
    "origin": "origin",
    "scopes": "scope",
    "severity": "severity",
    "reason": "not_second",
    "why": "miss",
    "exercise.why": "exercise_why",
}
"""Which words say the value of a detail; after the subject of an action where it is not the same for all."""


def detail_name(name: str) -> str:
    """Return what a detail of an audit event is called."""
    return word("detail", name) if name in WORDS["detail"] else word("setting", name)


def detail_value(action: str, name: str, value: str) -> str | None:
    """Return the word for a value that an audit event notes; None where it is no slug that has one."""
    of = action.partition(".")[0]
    kind = KINDS_OF_ACTIONS.get(of) if name == "kind" else DETAIL_WORDS.get(f"{of}.{name}", DETAIL_WORDS.get(name))
    if name == "fields":
        return detail_name(value)
    return word(kind, value) if kind and value in WORDS[kind] else None


def action(name: str) -> str:
    """Return what an audit event says somebody did."""
    return str(ACTIONS.get(name, name))


def field_name(name: str) -> str:
    """Return what a field of a source, a rule or the room is called."""
    return next((word(kind, name) for kind in ("field", "param", "setting") if name in WORDS[kind]), name)
