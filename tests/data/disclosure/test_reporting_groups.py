import pandas as pd

from learning_with_others.data.disclosure import OTHER_GROUPS, reporting_groups


def test_groups_not_shown_are_pooled_and_none_is_lost():
    race = pd.Series(["Black", None, "Asian", "White"])
    pooled = reporting_groups(race, ("Black", "White"))
    assert pooled.tolist() == ["Black", OTHER_GROUPS, OTHER_GROUPS, "White"]
