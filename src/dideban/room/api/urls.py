"""Addresses for programs and for those who run the room."""

from __future__ import annotations

from django.urls import path

from dideban.room.api import anchors, feeds, ops
from dideban.room.api.views import api

urlpatterns = [
    path("api/v1/anchors", anchors.anchors, name="anchors"),
    path("api/v1/", api.urls),
    path("feeds/<str:token>/alerts.atom", feeds.alerts, name="alert_feed"),
    path("healthz", ops.healthz, name="healthz"),
    path("metrics", ops.metrics, name="metrics"),
]
