"""Addresses of the pages."""

from __future__ import annotations

from django.urls import path

from dideban.room.board import views

app_name = "board"
urlpatterns = [
    path("", views.home, name="home"),
    path("r/<slug:slug>/", views.now, name="now"),
]
