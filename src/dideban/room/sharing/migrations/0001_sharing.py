"""Peers, collections, exports, what arrived."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import dideban.room.sharing.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("findings", "0003_groups_over_time"),
        ("rooms", "0004_names_by_language"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Arrival",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("n_objects", models.PositiveIntegerField()),
                ("n_known", models.PositiveIntegerField(default=0)),
                ("kept", models.JSONField(default=list)),
                ("refused", models.JSONField(default=list)),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="arrivals", to="rooms.room"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Collection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("title", models.CharField(max_length=100)),
                (
                    "tlp_ceiling",
                    models.CharField(
                        choices=[
                            ("clear", "TLP:CLEAR"),
                            ("green", "TLP:GREEN"),
                            ("amber", "TLP:AMBER"),
                            ("amber+strict", "TLP:AMBER+STRICT"),
                            ("red", "TLP:RED"),
                        ],
                        default="green",
                        max_length=12,
                    ),
                ),
                ("is_inbox", models.BooleanField(default=False)),
                ("last_seq", models.PositiveBigIntegerField(default=0)),
                ("last_added_at", models.DateTimeField(blank=True, null=True)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "room",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="collections", to="rooms.room"
                    ),
                ),
            ],
            options={
                "ordering": ["title", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=12)),
                ("key", models.CharField(max_length=40)),
                ("title", models.CharField(max_length=200)),
                (
                    "tlp",
                    models.CharField(
                        choices=[
                            ("clear", "TLP:CLEAR"),
                            ("green", "TLP:GREEN"),
                            ("amber", "TLP:AMBER"),
                            ("amber+strict", "TLP:AMBER+STRICT"),
                            ("red", "TLP:RED"),
                        ],
                        max_length=12,
                    ),
                ),
                ("text", models.TextField(blank=True)),
                ("body", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("as_of", models.DateTimeField()),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("sent", "sent"),
                            ("refused", "refused"),
                            ("revoked", "revoked"),
                        ],
                        default=dideban.room.sharing.models.ExportState["WAITING"],
                        max_length=10,
                    ),
                ),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to="sharing.collection",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("places", models.ManyToManyField(blank=True, related_name="exports", to="rooms.place")),
                (
                    "room",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exports", to="rooms.room"
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="Peer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=60)),
                ("name", models.CharField(max_length=100)),
                ("identity", models.CharField(blank=True, max_length=60)),
                (
                    "max_tlp",
                    models.CharField(
                        choices=[
                            ("clear", "TLP:CLEAR"),
                            ("green", "TLP:GREEN"),
                            ("amber", "TLP:AMBER"),
                            ("amber+strict", "TLP:AMBER+STRICT"),
                            ("red", "TLP:RED"),
                        ],
                        default="amber",
                        max_length=12,
                    ),
                ),
                ("may_send", models.BooleanField(default=False)),
                ("token_hash", models.CharField(blank=True, db_index=True, max_length=64)),
                ("token_prefix", models.CharField(blank=True, max_length=12)),
                ("token_at", models.DateTimeField(blank=True, null=True)),
                ("is_paused", models.BooleanField(default=False)),
                ("added_at", models.DateTimeField(auto_now_add=True)),
                ("last_seen_at", models.DateTimeField(blank=True, null=True)),
                ("url", models.CharField(blank=True, max_length=500)),
                ("their_token", models.CharField(blank=True, max_length=300)),
                ("pull_s", models.PositiveIntegerField(default=3600)),
                ("pulled_to", models.CharField(blank=True, max_length=40)),
                ("pulled_at", models.DateTimeField(blank=True, null=True)),
                ("next_pull_at", models.DateTimeField(blank=True, null=True)),
                ("n_fails", models.PositiveIntegerField(default=0)),
                ("trouble", models.JSONField(blank=True, default=dict)),
                (
                    "room",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="peers", to="rooms.room"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="PeerRead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("first_seq", models.PositiveBigIntegerField()),
                ("last_seq", models.PositiveBigIntegerField()),
                ("n", models.PositiveIntegerField()),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="fetched", to="sharing.collection"
                    ),
                ),
                (
                    "peer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="fetched", to="sharing.peer"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="collection",
            name="peers",
            field=models.ManyToManyField(blank=True, related_name="collections", to="sharing.peer"),
        ),
        migrations.CreateModel(
            name="Arrived",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sender", models.CharField(max_length=70)),
                ("stix_id", models.CharField(max_length=120)),
                ("stix_type", models.CharField(max_length=60)),
                ("version", models.CharField(blank=True, max_length=40)),
                ("name", models.CharField(blank=True, max_length=300)),
                (
                    "tlp",
                    models.CharField(
                        choices=[
                            ("clear", "TLP:CLEAR"),
                            ("green", "TLP:GREEN"),
                            ("amber", "TLP:AMBER"),
                            ("amber+strict", "TLP:AMBER+STRICT"),
                            ("red", "TLP:RED"),
                        ],
                        max_length=12,
                    ),
                ),
                ("body", models.JSONField()),
                ("refs", models.JSONField(default=list)),
                ("signs", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("new", "new"), ("linked", "linked"), ("set-aside", "set-aside")],
                        default=dideban.room.sharing.models.ArrivedState["NEW"],
                        max_length=10,
                    ),
                ),
                (
                    "arrival",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="arrived", to="sharing.arrival"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("groups", models.ManyToManyField(blank=True, related_name="arrived", to="findings.followedgroup")),
                (
                    "room",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="arrived", to="rooms.room"
                    ),
                ),
                (
                    "peer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="arrived",
                        to="sharing.peer",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.AddField(
            model_name="arrival",
            name="peer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="arrivals",
                to="sharing.peer",
            ),
        ),
        migrations.CreateModel(
            name="Shelved",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stix_id", models.CharField(max_length=120)),
                ("stix_type", models.CharField(max_length=60)),
                ("version", models.CharField(max_length=40)),
                ("body", models.TextField()),
                ("seq", models.PositiveBigIntegerField()),
                ("added_at", models.DateTimeField()),
                ("is_first", models.BooleanField(default=True)),
                ("is_last", models.BooleanField(default=True)),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shelf", to="sharing.collection"
                    ),
                ),
                (
                    "export",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="shelved",
                        to="sharing.export",
                    ),
                ),
            ],
            options={
                "ordering": ["seq"],
            },
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.UniqueConstraint(fields=("room", "number"), name="one_export_per_number"),
        ),
        migrations.AddConstraint(
            model_name="peer",
            constraint=models.UniqueConstraint(fields=("room", "slug"), name="one_peer_per_slug"),
        ),
        migrations.AddIndex(
            model_name="arrived",
            index=models.Index(fields=["room", "stix_type", "-id"], name="sharing_arr_room_id_219e84_idx"),
        ),
        migrations.AddConstraint(
            model_name="arrived",
            constraint=models.UniqueConstraint(
                fields=("room", "sender", "stix_id", "version"), name="one_arrived_per_version"
            ),
        ),
        migrations.AddIndex(
            model_name="shelved",
            index=models.Index(fields=["collection", "is_last", "seq"], name="sharing_she_collect_190af6_idx"),
        ),
        migrations.AddConstraint(
            model_name="shelved",
            constraint=models.UniqueConstraint(fields=("collection", "seq"), name="one_row_per_seq"),
        ),
        migrations.AddConstraint(
            model_name="shelved",
            constraint=models.UniqueConstraint(fields=("collection", "stix_id", "version"), name="one_row_per_version"),
        ),
    ]
