"""What an `AccountRegistry`, an `AccountEditor` and a `JobRunStore` must hold to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Protocol

import pytest
from attrs import evolve

from cdiscount_marketplace.oms.ports import (
    Account,
    AccountEditor,
    AccountRegistry,
    CredentialSource,
    EnvironmentCredentials,
    FileCredentials,
    JobName,
    JobPeriod,
    JobRun,
    JobRunStore,
    NamedCredentials,
)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FULL = Account(
    name="shop",
    channel="octopia",
    enabled=False,
    credentials=NamedCredentials(name="vault/shop"),
    seller_id="4711",
    sales_channels=("CDISFR", "FNACFR"),
    service_url="https://service.example",
    token_url="https://token.example",  # noqa: S106 - an address
    start_from=NOON,
    jobs=(JobPeriod(job=JobName.OFFERS, every=timedelta(seconds=90)),),
)


class EditableRegistry(AccountRegistry, AccountEditor, Protocol):
    """A registry whose accounts can be changed."""


class EditableRuns(EditableRegistry, JobRunStore, Protocol):
    """A registry that keeps the runs, too."""


class AccountRegistryContract:
    """Inherit this and give a fixture `store`: an empty `AccountRegistry` that is an `AccountEditor`, too."""

    def test_accounts_come_back_as_they_were_saved(self, store: EditableRegistry) -> None:
        plain = Account(name="a", channel="soap")
        store.save_account(FULL)
        store.save_account(plain)
        assert list(store.list_accounts()) == [plain, FULL]
        assert store.find_account("shop") == FULL
        assert store.find_account("other") is None

    @pytest.mark.parametrize(
        "source",
        [
            EnvironmentCredentials(prefix="ACME_"),
            FileCredentials(path="/run/secrets/acme"),
            NamedCredentials(name="acme"),
        ],
        ids=["environment", "file", "name"],
    )
    def test_where_the_credentials_are_is_kept(self, store: EditableRegistry, source: CredentialSource) -> None:
        store.save_account(evolve(FULL, credentials=source))
        found = store.find_account("shop")
        assert found is not None
        assert found.credentials == source

    def test_saving_again_replaces_the_account_of_this_name(self, store: EditableRegistry) -> None:
        store.save_account(FULL)
        changed = evolve(FULL, enabled=True, seller_id=None, jobs=())
        store.save_account(changed)
        assert list(store.list_accounts()) == [changed]

    def test_accounts_whose_names_differ_in_case_are_two(self, store: EditableRegistry) -> None:
        store.save_account(FULL)
        store.save_account(evolve(FULL, name="Shop", seller_id="4712"))
        assert [account.name for account in store.list_accounts()] == ["Shop", "shop"]

    def test_a_removed_account_is_gone_and_the_others_stay(self, store: EditableRegistry) -> None:
        store.save_account(FULL)
        store.save_account(evolve(FULL, name="other"))
        assert store.remove_account("shop")
        assert not store.remove_account("shop")
        assert [account.name for account in store.list_accounts()] == ["other"]


class JobRunStoreContract:
    """Inherit this and give a fixture `store`: an empty `JobRunStore` that is a registry with an editor, too."""

    def test_a_success_is_the_last_run_and_the_last_success(self, store: JobRunStore) -> None:
        store.record_run(_run(NOON))
        [status] = store.list_runs("shop")
        assert (status.job, status.started_at, status.ended_at) == (JobName.IMPORT, NOON, NOON + MINUTE)
        assert (status.succeeded_at, status.failed_at, status.error, status.failures) == (NOON + MINUTE, None, None, 0)

    def test_failures_are_counted_until_a_success(self, store: JobRunStore) -> None:
        store.record_run(_run(NOON))
        later = NOON + timedelta(hours=1)
        for _ in range(2):
            store.record_run(_run(later, error="LoginRefused: no", retry_at=later + timedelta(hours=2)))
        [failed] = store.list_runs("shop")
        assert (failed.failures, failed.error, failed.failed_at) == (2, "LoginRefused: no", later + MINUTE)
        assert (failed.succeeded_at, failed.retry_at) == (NOON + MINUTE, later + timedelta(hours=2))
        store.record_run(_run(later + timedelta(hours=3)))
        [healed] = store.list_runs("shop")
        assert (healed.failures, healed.retry_at, healed.error) == (0, None, "LoginRefused: no")

    def test_jobs_and_accounts_have_runs_of_their_own(self, store: JobRunStore) -> None:
        store.record_run(_run(NOON))
        store.record_run(_run(NOON, job=JobName.ACCEPT))
        store.record_run(_run(NOON, account="other"))
        assert [status.job for status in store.list_runs("shop")] == [JobName.ACCEPT, JobName.IMPORT]
        assert [status.account for status in store.list_runs("other")] == ["other"]

    def test_whoever_saves_an_account_ends_its_rest(self, store: EditableRuns) -> None:
        store.save_account(FULL)
        for account in ("shop", "other"):
            store.record_run(_run(NOON, account=account, error="LoginRefused: no", retry_at=NOON + MINUTE))
        store.save_account(evolve(FULL, credentials=NamedCredentials(name="vault/new")))
        [[mended], [other]] = store.list_runs("shop"), store.list_runs("other")
        assert (mended.retry_at, mended.failures) == (None, 1)
        assert other.retry_at == NOON + MINUTE

    def test_an_account_that_is_removed_takes_its_runs_along(self, store: EditableRuns) -> None:
        store.save_account(FULL)
        store.record_run(_run(NOON))
        store.remove_account("shop")
        assert list(store.list_runs("shop")) == []

    def test_no_run_is_lost_when_two_are_noted_at_once(self, store: JobRunStore) -> None:
        start = Barrier(8)

        def note() -> None:
            start.wait()
            store.record_run(_run(NOON, error="Timeout: late"))

        threads = [Thread(target=note) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [status] = store.list_runs("shop")
        assert status.failures == 8


def _run(
    started: datetime,
    *,
    account: str = "shop",
    job: JobName = JobName.IMPORT,
    error: str | None = None,
    retry_at: datetime | None = None,
) -> JobRun:
    return JobRun(
        account=account, job=job, started_at=started, ended_at=started + MINUTE, error=error, retry_at=retry_at
    )
