from functools import partial

from learning_with_others.measurement.parallel import begin, side_by_side


def test_results_come_in_the_order_of_the_tasks():
    assert side_by_side(*(partial(pow, base, 2) for base in range(6))) == [0, 1, 4, 9, 16, 25]


def test_what_was_begun_can_be_asked_for_later():
    started = begin(partial(sum, [1, 2]), partial(max, [3, 4]))
    assert next(started) == 3
    assert next(started) == 4
