"""The verdict on comparability that later stages show beside a group difference."""

from learning_with_others.study import Study

SCALE_SCORES = (
    "not testable with these data",
    "a score without item responses: measurement invariance by race cannot be tested",
)
ITEMS = (
    "not tested",
    "this version of the compendium does not yet test measurement invariance by race",
)


def comparability_verdict(study: Study) -> dict[str, tuple[str, str]]:
    """Verdict and reason for each outcome.

    Invariance is a statement about items. An outcome that came as a score cannot be tested for
    it, whatever its reliability.

    Returns
    -------
    dict of str to (str, str)
        Outcome to verdict and reason.
    """
    return {
        name: ITEMS if outcome.scale else SCALE_SCORES
        for name, outcome in study.roles.outcomes.items()
    }
