"""Alerts that a member may see, and what sends them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from dideban.room.access.limits import LimitedAccess
from dideban.room.alerts.models import Alert, Rule, Webhook


class AlertAccess(LimitedAccess):
    """Alerts, rules and webhooks."""

    def alerts(self) -> QuerySet[Alert]:
        """Alerts the member may see."""
        found = Alert.objects.filter(room=self.room).select_related(
            "group", "group__current", "source", "search", "rule", "narrative"
        )
        return self._in_places(found, "places")

    def rules(self) -> QuerySet[Rule]:
        """Alert rules of the room; a limited member sees those of their places."""
        return self._in_places(Rule.objects.filter(room=self.room), "places")

    def rule(self, pk: int) -> Rule:
        """Return one rule, or 404."""
        return get_object_or_404(self.rules().select_related("search"), pk=pk)

    def webhooks(self) -> QuerySet[Webhook]:
        """Webhooks of the room; none for a limited member."""
        return self._unlimited(Webhook.objects.filter(room=self.room))

    def webhook(self, pk: int) -> Webhook:
        """Return one webhook, or 404."""
        return get_object_or_404(self.webhooks(), pk=pk)
