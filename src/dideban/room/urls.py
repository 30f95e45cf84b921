"""Addresses of the room."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.urls")),
    path("", include("dideban.room.api.urls")),
    path("", include("dideban.room.board.urls")),
]
