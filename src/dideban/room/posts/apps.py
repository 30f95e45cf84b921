"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class PostsConfig(AppConfig):
    name = "dideban.room.posts"
    label = "posts"
