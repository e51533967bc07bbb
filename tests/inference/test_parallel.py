from functools import partial

import pytest

from learning_with_others.inference.parallel import run_in_background, side_by_side


def test_results_come_in_the_order_of_the_tasks():
    assert side_by_side(*(partial(pow, base, 2) for base in range(6))) == [0, 1, 4, 9, 16, 25]


def squares():
    return side_by_side(*(partial(pow, base, 2) for base in range(3)))


def test_what_was_begun_can_itself_run_others_and_be_asked_for_later():
    begun = run_in_background(squares)
    assert side_by_side(partial(max, [3, 4])) == [4]
    assert begun.result() == [0, 1, 4]


def test_what_went_wrong_is_told_when_the_result_is_asked_for():
    begun = run_in_background(partial(max, []))
    with pytest.raises(ValueError, match="empty"):
        begun.result()
