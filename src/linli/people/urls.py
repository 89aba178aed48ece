"""Addresses of this room's pages."""

from __future__ import annotations

from django.urls import path

from linli.people.web import accounts, departments, post, posts

app_name = "people"
urlpatterns = [
    path("posts/", posts.widest, name="posts"),
    path("posts/<uuid:unit_id>/", posts.posts, name="posts-of"),
    path("post/<uuid:post_id>/", post.post, name="post"),
    path("departments/", departments.departments, name="departments"),
    path("departments/<uuid:department_id>/", departments.rename, name="department"),
    path("people/", accounts.accounts, name="accounts"),
    path("people/<uuid:account_id>/", accounts.account, name="account"),
]
