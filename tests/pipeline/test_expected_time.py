"""Before a run: how many minutes."""

from learning_with_others.pipeline.expected_time import SEEN_ROWS, expected_seconds, in_words
from learning_with_others.pipeline.freshness import Made

MEASURES, BENEFITS = "02-measurement-validation", "04-collaboration-benefits"


def made(seconds):
    return Made({}, "out", {}, {}, seconds)


def test_the_last_run_is_the_best_guess():
    assert expected_seconds(MEASURES, made(7.5), "full", "items", 10**6) == 7.5
    words = in_words({MEASURES: made(100), BENEFITS: made(140)}, "full", items=True, rows=5)
    assert words.startswith("2 of the stages may run: about 4 minutes (the last run took as long")


def test_without_one_times_seen_grow_with_rows_where_models_hold_single_answers():
    small = expected_seconds(MEASURES, None, "full", "items", SEEN_ROWS)
    assert expected_seconds(MEASURES, None, "full", "items", 3 * SEEN_ROWS) == 3 * small
    assert expected_seconds(MEASURES, None, "full", "items", 10) == small
    assert expected_seconds(BENEFITS, None, "full", "items", None) == expected_seconds(
        BENEFITS, None, "full", "items", 10**6
    )
    assert expected_seconds("09-another", None, "full", "items", 10) == 0
    words = in_words({BENEFITS: None}, "quick", items=False, rows=None)
    assert words.startswith("1 of the stages may run: about 1 minute (seen on two cores")
