"""Many accounts in one process."""

from __future__ import annotations

import os
import signal
import sys
from threading import Event

from cdiscount_marketplace.oms import run_accounts, stop_on_signals


class Job:
    def __init__(self, account, work):
        self.account, self.work, self.stopped = account, work, False

    def run(self):
        return self.work()

    def stop(self):
        self.stopped = True


def test_a_failing_account_never_delays_the_rest():
    begun = Event()

    def slow():
        assert begun.wait(30)
        return "slow"

    def fast():
        begun.set()
        return "fast"

    def broken():
        raise OSError("down")

    jobs = [Job("a", slow), Job("b", broken), Job("b", fast), Job("c", fast)]
    results = run_accounts(jobs, workers=2)
    assert [result.report for result in results] == ["slow", None, "fast", "fast"]
    assert [result.account for result in results] == ["a", "b", "b", "c"]
    assert isinstance(results[1].error, OSError)


def test_a_job_that_exits_ends_no_other():
    jobs = [Job("a", sys.exit), Job("a", lambda: "done"), Job("b", lambda: "done")]
    assert [result.error is None for result in run_accounts(jobs)] == [False, True, True]


def test_a_signal_stops_the_jobs_and_the_handlers_come_back():
    before = signal.getsignal(signal.SIGTERM)
    job = Job("a", lambda: None)
    with stop_on_signals([job]):
        os.kill(os.getpid(), signal.SIGTERM)
        assert job.stopped
    assert signal.getsignal(signal.SIGTERM) is before
