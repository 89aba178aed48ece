"""Random requests against every operation, each alone and one after the other, by five senders.

More than two minutes in all. No fault, no undocumented status, no answer of another shape than documented.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts.test_access import operations
from tests.fuzz.conftest import Served

SECONDS = int(os.environ.get("LINLI_FUZZ_SECONDS", "26"))
SENDERS = {
    "nobody": None, "the receiving clerk": "shen", "a handler": "ma", "a grid worker": "chen", "the duty chief": "qian",
}  # fmt: skip
# Valid by its shape is not valid in the town: an unknown kind, a move that is not open, a case of others. And
# whether a sender may do it, or see what they reported, is a matter of posts, which OpenAPI cannot say.
LEFT_OUT = "positive_data_acceptance,ignored_auth,ensure_resource_availability"


@pytest.mark.parametrize("sender", SENDERS)
def test_no_request_makes_a_fault_or_gets_an_answer_that_is_not_documented(
    sender: str, served: Served
) -> None:
    key = SENDERS[sender]
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "run", f"{served.url}/api/v1/openapi.json",
        "--max-time", str(SECONDS), "--exclude-checks", LEFT_OUT, "--phases", "examples,coverage,fuzzing,stateful",
        "--continue-on-failure", "--no-shrink", "--suppress-health-check", "all", "--warnings", "off",
        "--max-response-time", "10",
    ]  # fmt: skip
    if key:
        command += ["--header", f"Authorization: Bearer {served.known['keys'][key]}"]
    if os.environ.get("HYPOTHESIS_PROFILE") == "ci":
        command += ["--seed", "20260310"]
    before = served.log.stat().st_size
    ran = subprocess.run(
        command,
        cwd=served.folder,
        env={
            **served.environment,
            "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks",
            "LINLI_FUZZ_KNOWN": json.dumps(served.known["ids"]),
        },
        capture_output=True,
        text=True,
        timeout=SECONDS * 4 + 60,
    )
    assert ran.returncode == 0, f"{ran.stdout[-12000:]}\n{ran.stderr[-2000:]}"
    log = served.log.read_bytes()[before:].decode(errors="replace")
    assert "fault at" not in log, log[-5000:]
    generated = re.search(r"(\d+) generated", ran.stdout)
    assert generated, ran.stdout[-3000:]
    assert int(generated[1]) > 5 * len(operations()), "too few requests to mean anything"
