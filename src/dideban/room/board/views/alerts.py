"""Alerts and the rules that make them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string

from dideban.room.access import Access, enter
from dideban.room.alerts import actions
from dideban.room.alerts.models import Rule, RuleKind
from dideban.room.alerts.presets import PRESETS
from dideban.room.alerts.rules import PARAMS
from dideban.room.alerts.words import sentence
from dideban.room.board.presenters.alert_steps import rows_of
from dideban.room.board.views.common import (
    key_of,
    number_of,
    open_cases,
    page,
    paged,
    places_of,
    post_action,
    to,
    unknown_action,
)
from dideban.room.findings.content import with_content
from dideban.room.roles import Permission
from dideban.room.wording.words import usual_name


def alerts(request: HttpRequest, slug: str) -> HttpResponse:
    """List alerts: what waits first. About 15 queries."""
    access = enter(request, slug)
    found = access.alerts().select_related("task__case", "handled_by")
    shown = request.GET.get("show", "open")
    if shown == "open":
        found = found.filter(handled_at__isnull=True)
    kinds_here = sorted(found.order_by().values_list("kind", flat=True).distinct())
    if (kind := request.GET.get("kind", "")) in set(RuleKind):
        found = found.filter(kind=kind)
    here = paged(with_content(found.defer("group__members"), document="group__current__document"), request)
    return page(
        request, access, "board/alerts.html", found=here, shown=shown, kind=kind, kinds_here=kinds_here,
        rows=rows_of(access, list(here), [sentence(alert) for alert in here]),
        # the same for every row: fifty cases written out twenty-five times took longer than all the rest
        case_options=render_to_string("board/case_options.html", {"cases": open_cases(access)}),
    )  # fmt: skip


@post_action
def alerts_handle(request: HttpRequest, slug: str) -> str:
    """Mark alerts as handled."""
    access = enter(request, slug, needs=Permission.WORK)
    chosen = access.alerts().filter(handled_at__isnull=True)
    if request.POST.get("do") != "all":
        numbers = [number for text in request.POST.getlist("alert") if (number := number_of(text)) is not None]
        chosen = chosen.filter(pk__in=numbers)
    actions.handle_alerts(access.room, alerts=chosen, by=access.membership)
    return to("alerts", slug)


def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """List alert rules and webhooks. About 15 queries."""
    access = enter(request, slug)
    found = access.rules().select_related("search").prefetch_related(access.seen_places(), "emails", "webhooks")
    return page(
        request, access, "board/rules.html", rules=list(found), webhooks=list(access.webhooks()),
        new_secret=request.session.pop("webhook", None), presets=list(PRESETS), **_choices(access),
    )  # fmt: skip


def rule(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show one rule to change it. About 15 queries."""
    access = enter(request, slug, needs=Permission.RULES)
    one = access.rule(pk)
    fields = [(name, one.params.get(name, default)) for name, default in PARAMS[RuleKind(one.kind)].items()]
    chosen = {
        name: set(getattr(one, name).values_list("pk", flat=True)) for name in ("places", "emails", "webhooks")
    }  # fmt: skip
    return page(
        request, access, "board/rule.html", rule=one, fields=fields, chosen=chosen, webhooks=list(access.webhooks()),
        **_choices(access),
    )  # fmt: skip


HOOK_FIELDS = ("name", "url", "preset", "target", "token", "language")


@post_action
def rule_add(request: HttpRequest, slug: str) -> str:
    """Make a rule of one kind, to be changed on its own page."""
    access = enter(request, slug, needs=Permission.RULES)
    kind = request.POST.get("kind", "")
    made = _save(access, None, kind, request.POST)
    return to("rule", slug, made.pk)


@post_action
def rule_act(request: HttpRequest, slug: str, pk: int) -> str:
    """Change, pause or remove a rule."""
    access = enter(request, slug, needs=Permission.RULES)
    one = access.rule(pk)
    match request.POST.get("do"):
        case "change":
            _save(access, one, one.kind, request.POST)
        case "pause" | "resume" as do:
            actions.set_rule_paused(one, is_paused=do == "pause", by=access.membership)
        case "remove":
            actions.remove_rule(one, by=access.membership)
        case _:
            raise unknown_action()
    return to("rules", slug)


@post_action
def webhook_act(request: HttpRequest, slug: str) -> str:
    """Add or remove an address that alerts are sent to."""
    access = enter(request, slug, needs=Permission.RULES)
    match request.POST.get("do"):
        case "add":
            form = {name: request.POST.get(name, "") for name in HOOK_FIELDS}
            form["preset"] = form["preset"] or "dideban"
            made = actions.add_webhook(access.room, by=access.membership, **form)
            if PRESETS[made.preset].build is None:
                request.session["webhook"] = [made.name, made.secret]
        case "remove":
            actions.remove_webhook(access.webhook(key_of(request.POST.get("webhook"))), by=access.membership)
        case "test" | "again" as do:
            hook = access.webhook(key_of(request.POST.get("webhook")))
            act = actions.ask_webhook_test if do == "test" else actions.send_again
            act(hook, by=access.membership)
            return to("webhook", slug, hook.pk)
        case _:
            raise unknown_action()
    return to("rules", slug)


def webhook(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show how sending to a webhook went. About 9 queries."""
    access = enter(request, slug, needs=Permission.RULES)
    hook = access.webhook(pk)
    waiting = hook.deliveries.filter(delivered_at=None).select_related("alert")
    return page(
        request, access, "board/webhook.html", hook=hook, tries=list(hook.tries.select_related("alert")[:100]),
        waiting=list(waiting.filter(next_at__isnull=False).order_by("next_at")[:50]),
        n_lost=waiting.filter(next_at=None).count(), rules=list(access.rules().filter(webhooks=hook)),
    )  # fmt: skip


def _choices(access: Access) -> dict[str, Any]:
    return {
        "kinds": list(RuleKind), "places": list(access.places()), "searches": list(access.searches()),
        "memberships": [one for one in access.memberships() if one.member.email],
    }  # fmt: skip


def _save(access: Access, one: Rule | None, kind: str, form: QueryDict) -> Rule:
    names = PARAMS[RuleKind(kind)] if kind in set(RuleKind) else {}
    search = access.searches().filter(pk=key_of(form.get("search"))).first() or (one.search if one else None)
    wanted = [n for text in form.getlist("emails") if (n := number_of(text))]
    hooks = [n for text in form.getlist("webhooks") if (n := number_of(text))]
    return actions.save_rule(
        access.room, kind=kind, name=usual_name(form.get("name", ""), kind), search=search, rule=one,
        by=access.membership,
        params={name: form[f"p_{name}"] for name in names if form.get(f"p_{name}")},
        places=places_of(access, form.getlist("places")), emails=access.members_named(wanted),
        webhooks=list(access.webhooks().filter(pk__in=hooks)),
    )  # fmt: skip
