"""Work after the commit: jobs and stories, in a table written by the action's own transaction.

A job is run at least once; its effects in our database happen exactly once, because it is marked done in
the transaction that makes them. Two workers never run one job at the same time: a job is leased, and the
lease is checked again under the row's lock.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Q

from linli.kernel import codec, composed, journal
from linli.kernel.ids import uuid7
from linli.kernel.models import Job

log = logging.getLogger(__name__)

JobHandler = Callable[[dict[str, Any], datetime], None]
Story = Callable[[journal.Recorded, datetime], None]

MAX_ATTEMPTS = 8
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Handler:
    run: Callable[[Job, datetime], None]
    transaction: bool


_handlers: dict[str, _Handler] = {}
_given_up: dict[str, JobHandler] = {}


def handler(name: str, *, transaction: bool = True) -> Callable[[JobHandler], JobHandler]:
    """Register `f(payload, at)` as the handler of this name.

    With `transaction=False` it runs outside a transaction: for slow calls to the outside (mail, messages),
    which must not hold the database. Such a handler has to be done within the lease (60 s) and may run
    again after a crash.
    """

    def register(function: JobHandler) -> JobHandler:
        _register(name, lambda job, at: function(json.loads(job.payload), at), transaction)
        return function

    return register


def given_up(name: str) -> Callable[[JobHandler], JobHandler]:
    """Register `f(payload, at)` to be told, once, when a job of this handler has used up its attempts.

    It runs in the transaction that marks the job as failed. When it fails itself, the job is marked all the same.
    """

    def register(function: JobHandler) -> JobHandler:
        if name in _given_up:
            raise ValueError(f"who hears that {name} gave up is registered twice")
        _given_up[name] = function
        return function

    return register


def story(name: str, *facts: type[journal.Fact]) -> Callable[[Story], Story]:
    """Register `f(recorded, at)` as a story that hears these facts, once for each fact, after its commit."""

    def register(function: Story) -> Story:
        def run(job: Job, at: datetime) -> None:
            recorded = journal.find(job.fact_id) if job.fact_id else None
            if recorded is None:
                raise LookupError(f"no fact {job.fact_id} in the journal")
            function(recorded, at)

        _register(f"flow:{name}", run, True)
        for fact in facts:
            journal.STORIES.setdefault(fact.KIND, []).append(name)
        return function

    return register


def _register(name: str, run: Callable[[Job, datetime], None], in_transaction: bool) -> None:
    if name in _handlers:
        raise ValueError(f"the job handler {name} is registered twice")
    _handlers[name] = _Handler(run, in_transaction)


def enqueue(
    handler: str,
    payload: dict[str, Any],
    *,
    at: datetime,
    key: str | None = None,
    not_before: datetime | None = None,
) -> UUID | None:
    """Write a job in the caller's transaction and give its id.

    With a `key`, a second job of the same handler and key is not written, whatever became of the first:
    the answer is then None.
    """
    identity = uuid7(at)
    written = Job.objects.bulk_create(
        [
            Job(
                id=identity,
                handler=handler,
                key=key,
                payload=codec.dumps(payload),
                created_at=at,
                not_before=not_before or at,
            )
        ],
        ignore_conflicts=key is not None,
    )
    if key is not None and not Job.objects.filter(id=identity).exists():
        return None
    return written[0].id


def work_once(at: datetime, *, batch: int = 20, worker: str = "worker", lease: timedelta = LEASE) -> int:
    """Claim up to `batch` jobs that are ready at `at`, run them, and give their number; 0: nothing to do.

    Jobs whose worker died are taken again when their lease has passed. A job that fails is tried again after
    10 s, 20 s, 40 s … up to 1 h, eight times; then `failed_at` is set and it waits for a person (`retry`).
    """
    claimed = _claim(at, batch, f"{worker[:40]}:{uuid4().hex}", lease)
    for job in claimed:
        _run(job, at)
    return len(claimed)


def _claim(at: datetime, batch: int, token: str, lease: timedelta) -> list[Job]:
    """Lease the oldest ready jobs in one statement, stepping over rows that another worker is claiming."""
    skip = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    moment = connection.ops.adapt_datetimefield_value(at)
    until = connection.ops.adapt_datetimefield_value(at + lease)
    claim = f"""
        UPDATE kernel_job SET lease_until = %s, lease_by = %s, attempts = attempts + 1
        WHERE id IN (
            SELECT id FROM kernel_job
            WHERE done_at IS NULL AND failed_at IS NULL AND not_before <= %s
              AND (lease_until IS NULL OR lease_until <= %s)
            ORDER BY not_before LIMIT %s {skip})
    """  # noqa: S608 - the only variable part is the constant above
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(claim, [until, token, moment, moment, batch])
        if cursor.rowcount == 0:
            return []
    # What is open has an index, what is leased has none.
    return composed.every(Job, ("not_before", "id"), lease_by=token, done_at=None, failed_at=None)


def _run(job: Job, at: datetime) -> None:
    known = _handlers.get(job.handler)
    try:
        if known is None:
            raise LookupError(f"no handler {job.handler}")
        if known.transaction:
            with transaction.atomic():
                # Marked first: the row's lock is then held for as long as the handler works.
                if _mark(job, done_at=at, lease_until=None):
                    known.run(job, at)
        elif composed.one(Job, **_mine(job)):
            known.run(job, at)
            _mark(job, done_at=at, lease_until=None)
    except Exception as error:
        log.warning("job %s %s failed, attempt %s", job.handler, job.id, job.attempts, exc_info=error)
        _failed(job, at, error)


def _mine(job: Job) -> dict[str, Any]:
    return {"id": job.id, "lease_by": job.lease_by, "done_at": None}


def _mark(job: Job, **values: Any) -> bool:
    """Change the job's row if it is still ours; whether it was."""
    return bool(composed.change(Job, _mine(job), **values))


def _failed(job: Job, at: datetime, error: Exception) -> None:
    text = f"{type(error).__name__}: {error}"[:2000]
    if job.attempts >= MAX_ATTEMPTS:
        _give_up(job, at, text)
    else:
        _mark(job, last_error=text, lease_until=None, lease_by="", not_before=at + wait_after(job.attempts))


def _give_up(job: Job, at: datetime, text: str) -> None:
    values = {"last_error": text, "lease_until": None, "lease_by": "", "failed_at": at}
    hears = _given_up.get(job.handler)
    try:
        with transaction.atomic():
            if _mark(job, **values) and hears is not None:
                hears(json.loads(job.payload), at)
    except Exception as error:
        log.exception("nobody could be told that job %s %s gave up", job.handler, job.id, exc_info=error)
        _mark(job, **values)


@dataclass(frozen=True, slots=True)
class Stumbled:
    """A job that did not go through: how often, when it is tried again (None: now, or never more), whether it gave up."""

    times: int
    again_at: datetime | None
    gave_up: bool


def stumbled(handler: str, key: str, *, at: datetime) -> Stumbled | None:
    """What became of the job with this key, when it failed or its worker died and it is not done since."""
    job = Job.objects.filter(handler=handler, key=key, done_at=None).first()
    if job is None:
        return None
    leased = job.lease_until is not None and job.lease_until > at
    times = job.attempts - leased
    again_at = None if leased or job.failed_at is not None or job.not_before <= at else job.not_before
    return Stumbled(times, again_at, job.failed_at is not None) if times > 0 else None


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: doubling from 10 s, at most 1 h."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 20)), LONGEST_WAIT)


def failed(limit: int = 100) -> list[Job]:
    """The jobs that gave up, newest first: something for a person to look at."""
    return list(Job.objects.filter(failed_at__isnull=False).order_by("-failed_at")[:limit])


def retry(id: UUID, *, at: datetime) -> bool:
    """Let a job that gave up be tried again from the start; whether there was one."""
    values = {"failed_at": None, "attempts": 0, "not_before": at, "lease_until": None}
    return bool(Job.objects.filter(id=id, failed_at__isnull=False).update(**values))


def waiting(at: datetime) -> int:
    """How many jobs are ready and not yet done."""
    return Job.objects.filter(Q(not_before__lte=at), done_at=None, failed_at=None).count()


def tidy(at: datetime, *, keep: timedelta = timedelta(days=30)) -> int:
    """Delete jobs done longer ago than `keep`; give their number. A fact is never told to a story again,
    because a story's job is written only when the fact is recorded."""
    count, _ = Job.objects.filter(done_at__lt=at - keep).delete()
    return count
