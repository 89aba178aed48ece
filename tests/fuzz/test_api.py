"""Random requests at the whole JSON interface (Schemathesis): no fault, and no answer that its document does not
promise. LINLI_FUZZ_SECONDS is the time for all callers together, 130 by default.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from linli.kernel import clock
from linli.kernel.access import SYSTEM
from linli.people import actions as people
from tests.world import Town, town

__all__ = ["town"]

CALLERS = ["", "chen", "shen", "lu"]  # nobody in particular, and three desks
SECONDS = float(os.environ.get("LINLI_FUZZ_SECONDS", "130")) / len(CALLERS)
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]


@pytest.mark.parametrize("caller", CALLERS, ids=lambda name: name or "nobody")
def test_random_requests_are_answered_as_documented(
    live_server: LiveServer, town: Town, tmp_path: Path, caplog: pytest.LogCaptureFixture, caller: str
) -> None:
    caplog.set_level("ERROR", "django.request")  # refusals are what is asked for here
    key = []
    if caller:
        _, secret = people.create_api_key(
            account_id=town.accounts[caller], name="fuzz", by=SYSTEM, at=clock.now()
        )
        key = ["--header", f"Authorization: Bearer {secret}"]
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "--no-color",
            "run",
            f"{live_server.url}/api/v1/openapi.json",
            "--checks",
            ",".join(CHECKS),
            "--max-time",
            f"{SECONDS:.0f}",
            "--max-examples",
            "100000",
            "--continue-on-failure",
            "--seed",
            "1",
            "--warnings",
            "off",
            "--generation-database",
            "none",
            *key,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-4000:]
