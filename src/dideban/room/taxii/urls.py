"""Addresses of TAXII 2.1."""

from __future__ import annotations

from django.urls import path

from dideban.room.taxii import views

ROOT = "<slug:room>/"
ONE = f"{ROOT}collections/<str:collection_id>/"
urlpatterns = [
    path("", views.discovery, name="taxii_discovery"),
    path(ROOT, views.api_root, name="taxii_root"),
    path(f"{ROOT}collections/", views.collections, name="taxii_collections"),
    path(f"{ROOT}status/<str:status_id>/", views.status, name="taxii_status"),
    path(ONE, views.collection, name="taxii_collection"),
    path(f"{ONE}objects/", views.objects, name="taxii_objects"),
    path(f"{ONE}objects/<str:object_id>/", views.an_object, name="taxii_object"),
    path(f"{ONE}objects/<str:object_id>/versions/", views.versions, name="taxii_versions"),
    path(f"{ONE}manifest/", views.manifest, name="taxii_manifest"),
]
