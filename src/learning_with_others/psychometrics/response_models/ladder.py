"""The graded response ladder of two groups: configural, equal slopes, equal thresholds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import Answers
from learning_with_others.psychometrics.comparability.decision import (
    FEWEST_ANCHORS,
    RULE,
    ComparabilityRule,
)
from learning_with_others.psychometrics.response_models.item_parameters import Structure
from learning_with_others.psychometrics.response_models.marginal import (
    ResponseFit,
    maximize,
    renew_information,
)
from learning_with_others.psychometrics.response_models.marginal_problem import Problem
from learning_with_others.psychometrics.response_models.nested_tests import likelihood_ratio
from learning_with_others.psychometrics.response_models.purification import Purification, purify
from learning_with_others.psychometrics.response_models.release_changes import (
    ReleaseChanges,
    release_changes,
)
from learning_with_others.psychometrics.response_models.release_expansion import expand
from learning_with_others.psychometrics.response_models.standard_errors import (
    FEW_CLUSTERS,
    Estimates,
    delta_method,
    moments,
)


@dataclass(frozen=True)
class InvarianceStep:
    """What holding items equal, and releasing those that differ, does to the focal group's trait.

    Attributes
    ----------
    equal : ResponseFit
        All items equal in what the step holds equal.
    purification : Purification
        The items released, and the fit with them free.
    gap_equal, gap_released : float
        Latent mean of the focal minus the reference group, in SDs of the reference group; NaN in
        the step on slopes, where it is not identified.
    gap_equal_se, gap_released_se : float
        Standard errors.
    sd_equal, sd_released, sd_equal_se, sd_released_se : float
        Latent standard deviation of the focal group, in SDs of the reference group.
    changes : ReleaseChanges
        What each single release, and the set of those made, moves: the gap, or in the step on
        slopes the logarithm of the focal group's sd.
    """

    equal: ResponseFit
    purification: Purification
    gap_equal: float
    gap_equal_se: float
    gap_released: float
    gap_released_se: float
    sd_equal: float
    sd_equal_se: float
    sd_released: float
    sd_released_se: float
    changes: ReleaseChanges

    @property
    def released(self) -> ResponseFit:
        """Fit with the items that differ free."""
        return self.purification.fit

    @property
    def gap_change(self) -> float:
        """How far the release moves the latent gap, in SDs of the reference group."""
        return self.gap_released - self.gap_equal

    @property
    def sd_change(self) -> float:
        """How far the release moves the focal group's sd, in SDs of the reference group."""
        return self.sd_released - self.sd_equal


def measure_step(
    equal: ResponseFit, cluster: np.ndarray | None, *, slopes_only: bool, rule: ComparabilityRule
) -> InvarianceStep:
    """Purify a step, and take the focal group's mean and sd before and after, with errors."""
    equal = renew_information(equal)
    purification = purify(equal, slopes_only=slopes_only, cluster=cluster)
    changes = release_changes(
        equal,
        purification.fit,
        cluster,
        slopes_only=slopes_only,
        resamples=rule.resamples,
        seed=rule.seed,
    )
    same = purification.releases.empty
    before = focal_trait(equal, cluster)
    after = before if same else focal_trait(purification.fit, cluster)
    gap = equal.structure.free_means
    return InvarianceStep(
        equal,
        purification,
        gap_equal=float(before.value[0]) if gap else np.nan,
        gap_equal_se=float(before.standard_error[0]) if gap else np.nan,
        gap_released=float(after.value[0]) if gap else np.nan,
        gap_released_se=float(after.standard_error[0]) if gap else np.nan,
        sd_equal=float(before.value[1]),
        sd_equal_se=float(before.standard_error[1]),
        sd_released=float(after.value[1]),
        sd_released_se=float(after.standard_error[1]),
        changes=changes,
    )


def focal_trait(
    fit: ResponseFit, cluster: np.ndarray | None = None, probability: float = 0.95
) -> Estimates:
    """Latent mean and sd of the second group, in SDs of the first, with standard errors."""
    return delta_method(
        fit,
        moments(fit, cluster),
        lambda full: np.array([full[1, -2], np.exp(full[1, -1])]),
        depends_on=np.array([fit.full.size - 2, fit.full.size - 1]),
        probability=probability,
    )


FEWEST_ITEMS = 3  # with two, no item could be released and two anchors kept
CONFIGURAL, EQUAL_SLOPES, EQUAL = "configural", "equal slopes", "equal slopes and thresholds"
RELEASED = "items released"


@dataclass(frozen=True)
class ResponseLadder:
    """The ladder of one scale and two groups.

    Attributes
    ----------
    focal, reference : str
    children_focal, children_reference : int
        Children with an answer.
    configural : ResponseFit
    slopes : InvarianceStep
        Equal slopes, thresholds free: for claims on slopes.
    thresholds : InvarianceStep
        Equal slopes and thresholds: for claims on levels.
    cluster : ndarray, shape (n,), or None
        Clusters of the rows, for standard errors and tests.
    rule : ComparabilityRule
        Which changes by releases do not matter.
    flags : tuple of str
    """

    focal: str
    reference: str
    children_focal: int
    children_reference: int
    configural: ResponseFit
    slopes: InvarianceStep
    thresholds: InvarianceStep
    cluster: np.ndarray | None
    rule: ComparabilityRule
    flags: tuple[str, ...]

    @property
    def equal(self) -> ResponseFit:
        """Equal slopes and thresholds."""
        return self.thresholds.equal

    @property
    def released(self) -> ResponseFit:
        """Equal but for the items that differ: parameters for scores, by group."""
        return self.thresholds.released

    @property
    def releases(self) -> pd.DataFrame:
        """Every release, of both steps: column `step`, then those of `purify`."""
        parts = {"slopes": self.slopes, "slopes and thresholds": self.thresholds}
        tables = [
            part.purification.releases.assign(step=name)[
                ["step", *part.purification.releases.columns]
            ]
            for name, part in parts.items()
        ]
        filled = [table for table in tables if len(table)]
        return pd.concat(filled, ignore_index=True) if filled else tables[0]

    @property
    def anchors(self) -> tuple[str, ...]:
        """Items of which neither slope nor thresholds were released."""
        return self.thresholds.purification.anchors

    @property
    def steps(self) -> pd.DataFrame:
        """Models from freest to narrowest, then the one with items released.

        Columns `step, log_likelihood, parameters, aic, bic, chisq, df, p, converged`; the test
        compares a model with the freer one above it, the last with the configural model, scaled
        for clusters.
        """
        models = {
            CONFIGURAL: (self.configural, None),
            EQUAL_SLOPES: (self.slopes.equal, self.configural),
            EQUAL: (self.equal, self.slopes.equal),
            RELEASED: (self.released, self.configural),
        }
        out = []
        for name, (fit, freer) in models.items():
            row = {
                "step": name,
                "log_likelihood": fit.log_likelihood,
                "parameters": fit.free_parameters,
                "aic": fit.aic,
                "bic": fit.bic,
            }
            if freer is not None:
                expansion = None if self.cluster is None else expand(fit, self.cluster)
                test = likelihood_ratio(fit, freer, expansion)
                row |= {"chisq": test.chisq, "df": test.df, "p": test.p}
            out.append(row | {"converged": fit.converged})
        return pd.DataFrame(out)


def climb_ladder(
    answers: Answers,
    group: np.ndarray,
    *,
    focal: str,
    reference: str,
    cluster: np.ndarray | None = None,
    link: str = "logit",
    rule: ComparabilityRule = RULE,
) -> ResponseLadder:
    """Fit the ladder of the graded response model, releasing items that differ.

    The reference group's trait has mean 0 and sd 1 in every model; the focal group's mean and sd
    are 0 and 1 in the configural model, its sd is free with equal slopes, and both are free with
    equal slopes and thresholds.

    Parameters
    ----------
    answers : Answers
        n rows, graded for both groups together.
    group : ndarray, shape (n,)
        Rows of other groups are left out.
    focal, reference : str
    cluster : ndarray, shape (n,), optional
        For standard errors that are robust to clusters.
    link : str
        'logit' or 'probit'.
    rule : ComparabilityRule
        Which changes by releases do not matter.

    Raises
    ------
    CompendiumError
        If there are fewer than three items, or too few people in a group.

    References
    ----------
    Millsap, R. E. (2011). Statistical approaches to measurement invariance, chapters 5 and 7.
    """
    if len(answers.items) < FEWEST_ITEMS:
        raise CompendiumError(
            f"{len(answers.items)} items: none could differ while two others stay anchors",
            where=f"items {', '.join(answers.items)}",
            remedy="compare groups on scales of three items or more",
        )
    problem = Problem.of(answers, np.asarray(group), (reference, focal), link=link)
    every = frozenset(range(len(answers.items)))
    configural = maximize(problem, Structure(every, every))
    slopes = maximize(
        problem, Structure(free_thresholds=every, free_standard_deviations=True), configural
    )
    equal = maximize(problem, Structure(free_means=True, free_standard_deviations=True), slopes)
    steps = [
        measure_step(fit, cluster, slopes_only=fit is slopes, rule=rule) for fit in (slopes, equal)
    ]
    return ResponseLadder(
        focal,
        reference,
        problem.patterns[1].people,
        problem.patterns[0].people,
        configural,
        *steps,
        cluster,
        rule,
        _flags(answers, configural, steps, cluster),
    )


def _flags(
    answers: Answers,
    configural: ResponseFit,
    steps: list[InvarianceStep],
    cluster: np.ndarray | None,
) -> tuple[str, ...]:
    """Collect what the reader must know, each once."""
    out = list(configural.flags)
    for step in steps:
        out += [*step.equal.flags, *step.released.flags]
        purification = step.purification
        if purification.exhausted:
            out.append("items differ until only two anchors are left: which ones is a guess")
        elif len(purification.releases) and len(purification.anchors) == FEWEST_ANCHORS:
            out.append("only two anchors are left: the two that agree with each other")
    if answers.merged:
        out.append(f"answers merged that a group never gave: {', '.join(answers.merged)}")
    if cluster is not None:
        clusters = len(np.unique(np.asarray(cluster).astype(str)))
        if clusters < FEW_CLUSTERS:
            out.append(f"{clusters} clusters: standard errors rest on few")
    return tuple(dict.fromkeys(out))
