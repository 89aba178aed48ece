"""What is refused before any page or endpoint looks at it."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.parametrize("path", ["/api/v1/files", "/report/", "/desk/new/"])
def test_a_body_larger_than_any_form_is_refused_before_it_is_read(db: None, path: str) -> None:
    answer = Client().post(path, b"x", content_type="multipart/form-data", CONTENT_LENGTH=str(2**33))
    assert answer.status_code == 413
    assert Client().post(path, {}).status_code != 413
