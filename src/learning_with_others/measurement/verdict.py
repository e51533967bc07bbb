"""The verdict on comparability that later stages show beside a group difference."""

from learning_with_others.study import Study


def comparability_verdict(study: Study) -> dict[str, tuple[str, str]]:
    """Verdict and reason for each outcome.

    Invariance is a statement about items. A study whose outcomes are scale scores without item
    responses cannot be tested for it, whatever the scores' reliability.

    Returns
    -------
    dict of str to (str, str)
        Outcome to verdict and reason.
    """
    reason = (
        "the data hold scale scores and no item responses, so measurement invariance by race "
        "cannot be tested"
    )
    return dict.fromkeys(study.roles.outcomes, ("not testable with these data", reason))
