"""Addresses of the record."""

from __future__ import annotations

from django.urls import path

from dideban.room.federation import views

ONE = "<slug:room>/<slug:digest>/"
urlpatterns = [
    path(f"{ONE}record", views.read, name="joint_read"),
    path(f"{ONE}messages", views.post, name="joint_post"),
]
