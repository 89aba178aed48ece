"""The shells, the switches and the problem page, as a browser gets them."""

from __future__ import annotations

import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation


@pytest.mark.django_db
@pytest.mark.parametrize("shell", ["staff", "resident"])
def test_the_gallery_shows_every_widget_in_both_shells(client: Client, shell: str) -> None:
    page = client.get("/ui/gallery", {"shell": shell})
    assert page.status_code == 200
    assert "已超时" in page.content.decode()
