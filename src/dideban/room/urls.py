"""Addresses of the room."""

from __future__ import annotations

from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("account/", include("allauth.urls")),
    path("account/language/", set_language, name="set_language"),
    path("taxii2/", include("dideban.room.taxii.urls")),
    path("joint/", include("dideban.room.federation.urls")),
    path("", include("dideban.room.api.urls")),
    path("", include("dideban.room.board.urls")),
]

handler404 = "dideban.room.api.ops.not_found"
handler500 = "dideban.room.api.ops.broken"
