"""The process that does what waits: jobs, clocks, the journal's seal."""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from datetime import datetime, timedelta
from types import FrameType

from django.core.management import call_command
from django.db import close_old_connections

from linli.cases.actions import timers
from linli.intake.actions import batches
from linli.kernel import clock, clocks, files, jobs, seal, throttle

log = logging.getLogger("linli.worker")
IDLE_SECONDS = 0.5
SEAL_EVERY = timedelta(minutes=1)
TIDY_EVERY = timedelta(hours=1)


class Worker:
    """Runs until it is told to stop; several may run side by side and never do one thing twice."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()[:20]}-{os.getpid()}"
        self.stopping = False
        self._sealed = self._tidied = datetime.min.replace(tzinfo=clock.now().tzinfo)

    def stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish what is in hand, then end."""
        self.stopping = True

    def run(self) -> None:
        """Work, and rest a little when there is nothing to do. A fault (the database does
        not answer, a disk is full) is logged and waited out: what fires on time must not end with it."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        while not self.stopping:
            try:
                done = self.turn(clock.now())
            except Exception:
                log.exception("this round failed; trying again")
                done = 0
            close_old_connections()
            if not done and not self.stopping:
                time.sleep(IDLE_SECONDS)

    def turn(self, at: datetime) -> int:
        """One round: all clocks that are due, a batch of jobs, now and then the seal and the tidying."""
        done = clocks.fire_due(at, worker=self.name) + jobs.work_once(at, worker=self.name)
        if at - self._sealed >= SEAL_EVERY:
            seal.seal(at)
            self._sealed = at
        if at - self._tidied >= TIDY_EVERY:
            jobs.tidy(at)
            throttle.tidy(at)
            files.forget_unattached(at)
            batches.forget_old(at)
            call_command("clearsessions")  # they hold what people began to write
            timers.settle_provisional(at)
            self._tidied = at
        return done
