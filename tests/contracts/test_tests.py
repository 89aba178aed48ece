"""What the tests themselves stand on."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path

import pytest
from django.conf import settings

OUTSIDE = "203.0.113.7"  # an address for documentation (RFC 5737): nobody is there


def test_a_test_cannot_leave_this_machine() -> None:
    with socket.socket() as line, pytest.raises((UserWarning, RuntimeError)):
        line.connect((OUTSIDE, 80))


def test_a_test_writes_no_file_into_the_town() -> None:
    for folder in (settings.DATA_DIR, settings.MEDIA_ROOT, settings.STATIC_ROOT):
        assert Path(folder).is_relative_to(tempfile.gettempdir())
