"""The demo's addresses; included only in the demo."""

from __future__ import annotations

from django.urls import path

from linli.project.demo import web

app_name = "demo"
urlpatterns = [
    path("demo/", web.page, name="people"),
    path("demo/sign-in/", web.sign_in, name="sign-in"),
]
