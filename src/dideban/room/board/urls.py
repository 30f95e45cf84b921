"""Addresses of the pages."""

from __future__ import annotations

from django.urls import path

from dideban.room.board.views import alerts, cases, findings, house, members, now, posts, sources

app_name = "board"
ROOM = "r/<slug:slug>/"
urlpatterns = [
    path("", now.home, name="home"),
    path("join/<str:token>/", members.join, name="join"),
    path("account/preferences/", members.preferences, name="preferences"),
    path(ROOM, now.now, name="now"),
    path(f"{ROOM}findings/", findings.findings, name="findings"),
    path(f"{ROOM}findings/<int:number>/", findings.finding, name="finding"),
    path(f"{ROOM}findings/<int:number>/act/", findings.finding_act, name="finding_act"),
    path(f"{ROOM}f/<slug:finding_id>/", findings.permalink, name="permalink"),
    path(f"{ROOM}f/<slug:finding_id>/<slug:kind>/", findings.finding_file, name="finding_file"),
    path(f"{ROOM}posts/", posts.posts, name="posts"),
    path(f"{ROOM}posts/export/<slug:kind>/", posts.posts_file, name="posts_file"),
    path(f"{ROOM}posts/searches/", posts.search_act, name="search_act"),
    path(f"{ROOM}cases/", cases.cases, name="cases"),
    path(f"{ROOM}cases/new/", cases.case_new, name="case_new"),
    path(f"{ROOM}cases/open/", cases.case_open, name="case_open"),
    path(f"{ROOM}cases/<int:number>/", cases.case, name="case"),
    path(f"{ROOM}cases/<int:number>/act/", cases.case_act, name="case_act"),
    path(f"{ROOM}cases/<int:number>/watch/", cases.case_watch, name="case_watch"),
    path(f"{ROOM}cases/<int:number>/files/", cases.case_add_file, name="case_add_file"),
    path(f"{ROOM}cases/<int:number>/files/<int:pk>/", cases.case_file, name="case_file"),
    path(f"{ROOM}handovers/", cases.handovers, name="handovers"),
    path(f"{ROOM}handovers/write/", cases.handover_write, name="handover_write"),
    path(f"{ROOM}handovers/<int:pk>/read/", cases.handover_read, name="handover_read"),
    path(f"{ROOM}sources/", sources.sources, name="sources"),
    path(f"{ROOM}sources/new/<slug:kind>/", sources.source_new, name="source_new"),
    path(f"{ROOM}sources/add/<slug:kind>/", sources.source_add, name="source_add"),
    path(f"{ROOM}sources/<slug:source>/", sources.source, name="source"),
    path(f"{ROOM}sources/<slug:source>/act/", sources.source_act, name="source_act"),
    path(f"{ROOM}sources/<slug:source>/upload/", sources.source_upload, name="source_upload"),
    path(f"{ROOM}alerts/", alerts.alerts, name="alerts"),
    path(f"{ROOM}alerts/handle/", alerts.alerts_handle, name="alerts_handle"),
    path(f"{ROOM}rules/", alerts.rules, name="rules"),
    path(f"{ROOM}rules/add/", alerts.rule_add, name="rule_add"),
    path(f"{ROOM}rules/webhooks/", alerts.webhook_act, name="webhook_act"),
    path(f"{ROOM}rules/<int:pk>/", alerts.rule, name="rule"),
    path(f"{ROOM}rules/<int:pk>/act/", alerts.rule_act, name="rule_act"),
    path(f"{ROOM}members/", members.members, name="members"),
    path(f"{ROOM}members/act/", members.members_act, name="members_act"),
    path(f"{ROOM}tokens/", members.tokens, name="tokens"),
    path(f"{ROOM}tokens/act/", members.tokens_act, name="tokens_act"),
    path(f"{ROOM}reveals/", posts.reveals, name="reveals"),
    path(f"{ROOM}reveals/ask/", posts.reveal_ask, name="reveal_ask"),
    path(f"{ROOM}reveals/<int:pk>/decide/", posts.reveal_decide, name="reveal_decide"),
    path(f"{ROOM}reveals/<int:pk>/open/", posts.reveal_open, name="reveal_open"),
    path(f"{ROOM}erasures/", posts.erasures, name="erasures"),
    path(f"{ROOM}erasures/ask/", posts.erasure_ask, name="erasure_ask"),
    path(f"{ROOM}audit/", house.audit, name="audit"),
    path(f"{ROOM}review/", house.review, name="review"),
    path(f"{ROOM}review/export/", house.review_file, name="review_file"),
    path(f"{ROOM}settings/", house.settings, name="settings"),
    path(f"{ROOM}settings/act/", house.settings_act, name="settings_act"),
    path(f"{ROOM}settings/places/", house.places_act, name="places_act"),
]
