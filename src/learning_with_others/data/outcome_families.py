"""Which outcomes of a study are numbers, and which are counts, categories or yes and no."""

from learning_with_others.bayes.families.family import Family
from learning_with_others.bayes.families.registry import FAMILIES
from learning_with_others.study import StudyDesign
from learning_with_others.study.roles import Outcome


def family_of(study: StudyDesign, outcome: str) -> Family:
    """Give the family that a study declares for an outcome."""
    return FAMILIES[study.roles.outcomes[outcome].family]


def linear_outcomes(study: StudyDesign) -> dict[str, Outcome]:
    """Outcomes that are a line in the predictors and an error: normal models hold only those."""
    declared = study.roles.outcomes.items()
    return {name: each for name, each in declared if FAMILIES[each.family].linear}


def numeric_outcomes(study: StudyDesign) -> dict[str, Outcome]:
    """Outcomes with means and standard deviations: all but those of categories."""
    declared = study.roles.outcomes.items()
    return {name: each for name, each in declared if FAMILIES[each.family].levels is None}
