"""What a `CheckpointStore` must hold to."""

from __future__ import annotations

from attrs import evolve

from cdiscount_marketplace.oms.ports import CheckpointStore
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, MINUTE, NOON, OTHER_ACCOUNT, checkpoint, race


class CheckpointStoreContract:
    """Inherit this and give a fixture `store`: an empty `CheckpointStore`."""

    def test_there_is_no_checkpoint_before_the_first_run(self, store: CheckpointStore) -> None:
        assert store.load_checkpoint(ACCOUNT) is None

    def test_checkpoint_comes_back_as_it_was_given(self, store: CheckpointStore) -> None:
        swept = evolve(checkpoint(), swept_at=NOON)
        assert store.swap_checkpoint(ACCOUNT, None, swept)
        assert store.load_checkpoint(ACCOUNT) == swept

    def test_checkpoint_belongs_to_its_account(self, store: CheckpointStore) -> None:
        store.swap_checkpoint(ACCOUNT, None, checkpoint())
        assert store.load_checkpoint(OTHER_ACCOUNT) is None

    def test_checkpoint_is_created_only_where_there_is_none(self, store: CheckpointStore) -> None:
        first = checkpoint()
        assert store.swap_checkpoint(ACCOUNT, None, first)
        assert not store.swap_checkpoint(ACCOUNT, None, checkpoint(cursor=NOON + MINUTE))
        assert store.load_checkpoint(ACCOUNT) == first

    def test_nothing_is_moved_that_is_not_there(self, store: CheckpointStore) -> None:
        assert not store.swap_checkpoint(ACCOUNT, checkpoint(), checkpoint(2))
        assert store.load_checkpoint(ACCOUNT) is None

    def test_checkpoint_moves_from_what_was_read(self, store: CheckpointStore) -> None:
        first, second = checkpoint(), checkpoint(2, cursor=NOON + MINUTE)
        store.swap_checkpoint(ACCOUNT, None, first)
        assert store.swap_checkpoint(ACCOUNT, first, second)
        assert store.load_checkpoint(ACCOUNT) == second

    def test_someone_elses_move_wins(self, store: CheckpointStore) -> None:
        first, theirs = checkpoint(), checkpoint(2, cursor=NOON - MINUTE)
        store.swap_checkpoint(ACCOUNT, None, first)
        store.swap_checkpoint(ACCOUNT, first, theirs)
        assert not store.swap_checkpoint(ACCOUNT, first, checkpoint(2, cursor=NOON + MINUTE))
        assert store.load_checkpoint(ACCOUNT) == theirs

    def test_one_of_many_racing_moves_wins(self, store: CheckpointStore) -> None:
        first = checkpoint()
        store.swap_checkpoint(ACCOUNT, None, first)
        moves = [checkpoint(2, cursor=NOON + number * MINUTE) for number in range(4)]
        won = race(lambda number: store.swap_checkpoint(ACCOUNT, first, moves[number]))
        assert sum(won) == 1
        assert store.load_checkpoint(ACCOUNT) == moves[won.index(True)]

    def test_one_of_many_racing_creations_wins(self, store: CheckpointStore) -> None:
        assert sum(race(lambda _: store.swap_checkpoint(ACCOUNT, None, checkpoint()))) == 1
