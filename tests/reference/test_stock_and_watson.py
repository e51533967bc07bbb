"""Stock and Watson, Introduction to Econometrics, Table 13.1, to the printed digit."""

import pytest

from learning_with_others.benefits.published import class_size_effect

# Grade: effect of a small class on reading + mathematics, its robust standard error, children.
PUBLISHED = {
    "K": (13.90, 2.45, 5_786),
    "1": (29.78, 2.83, 6_379),
    "2": (19.39, 2.71, 6_049),
    "3": (15.59, 2.40, 5_967),
}


@pytest.mark.parametrize("grade", PUBLISHED)
def test_small_class_effects_are_reproduced(students, study, grade):
    found = class_size_effect(students[students["grade"] == grade], study)
    printed = (round(found.estimate, 2), round(found.robust_error, 2), found.children)
    assert printed == PUBLISHED[grade]


def test_clustering_by_class_more_than_doubles_the_standard_error(students, study):
    found = class_size_effect(students[students["grade"] == "K"], study)
    assert round(found.sandwich_error, 2) == 5.87
    assert found.clustered_error > found.sandwich_error
