"""What a log may hold."""

from __future__ import annotations

import logging
import logging.config

from django.conf import settings


def test_a_tracking_code_is_not_written_to_the_log() -> None:
    handler = settings.LOGGING["handlers"]["console"]
    assert handler["filters"] == ["codes"]
    record = logging.LogRecord(
        "django.request",
        logging.WARNING,
        "",
        0,
        "%s: %s",
        ("Conflict", "/t/20260310000001/ABCDEFGH23/rate/"),
        None,
    )
    chosen = logging.config.DictConfigurator(settings.LOGGING).configure_filter(
        settings.LOGGING["filters"]["codes"]
    )
    assert chosen.filter(record)
    assert record.getMessage() == "Conflict: /t/20260310000001/…/rate/"
    plain = logging.LogRecord("linli", logging.WARNING, "", 0, "%s facts", (3,), None)
    assert chosen.filter(plain)
    assert plain.getMessage() == "3 facts"


def test_what_hands_messages_to_providers_does_not_write_down_telephone_numbers() -> None:
    assert settings.LOGGING["loggers"]["apprise"]["level"] == "CRITICAL"
