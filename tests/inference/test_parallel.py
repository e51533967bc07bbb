from functools import partial

from learning_with_others.inference.parallel import side_by_side


def test_results_come_in_the_order_of_the_tasks():
    assert side_by_side(*(partial(pow, base, 2) for base in range(6))) == [0, 1, 4, 9, 16, 25]
