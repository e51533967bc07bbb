"""Generated studies with known latent scores: what each kind of score does to the benefit gap.

Error of a score = benefit gap with that score − benefit gap with the true latent scores of the
same generated study, so that the sampling error of the study cancels.
"""

from dataclasses import dataclass

import numpy as np

from learning_with_others.psychometrics.answers import Answers
from learning_with_others.psychometrics.response_models.curves import (
    category_probabilities,
    log_likelihood_on_grid,
)
from learning_with_others.psychometrics.response_models.item_parameters import (
    GRADED,
    ItemParameters,
)
from learning_with_others.psychometrics.scores.expected_a_posteriori import expected_a_posteriori
from learning_with_others.psychometrics.scores.plausible.chains import Schedule, draw_joint_values
from learning_with_others.psychometrics.scores.plausible.joint_model import (
    GRID,
    JointModel,
    make_cells,
)

ONE_COVARIANCE = "plausible values, one covariance"
PLAUSIBLE = "plausible values"


@dataclass(frozen=True)
class Scenario:
    """What is true in generated studies.

    Attributes
    ----------
    name : str
    slopes : (float, float)
        Of the outcome on the exposure within clusters, reference and focal group.
    standard_deviation : (float, float)
        Sd of the exposure within clusters, by group; it decides the reliability in each.
    discrimination : float
        Slope of every item.
    latent_outcome : bool
        Whether the outcome too is known through answers to items only.
    items : int
    """

    name: str
    slopes: tuple[float, float]
    standard_deviation: tuple[float, float]
    discrimination: float
    latent_outcome: bool = False
    items: int = 4


# Squared correlation of mean score and exposure within clusters: .68 in both groups.
KNOWN_GAP = Scenario(
    "known gap of .12", slopes=(0.30, 0.42), standard_deviation=(1.0, 1.0), discrimination=1.48
)
# The same: .71 in the reference and .60 in the focal group.
NO_GAP = Scenario(
    "no gap, unequal reliability",
    slopes=(0.336, 0.336),
    standard_deviation=(1.16, 0.835),
    discrimination=1.41,
)

BETWEEN_SD = 0.3  # of exposure and outcome between clusters
FOCAL_SHARE, SHARE_SD = 0.35, 0.15  # of the focal group in clusters
FOCAL_GAP = -0.25  # in exposure and outcome
THRESHOLDS = (1.9, 0.5, -1.2)


@dataclass(frozen=True)
class Generated:
    """One generated study.

    Attributes
    ----------
    cluster, focal : ndarray of int, shape (n,)
    exposure, outcome : ndarray, shape (n,)
        True values.
    answers : Answers
        To the items of the exposure.
    outcome_answers : Answers or None
    """

    cluster: np.ndarray
    focal: np.ndarray
    exposure: np.ndarray
    outcome: np.ndarray
    answers: Answers
    outcome_answers: Answers | None


def item_parameters(scenario: Scenario) -> ItemParameters:
    """Parameters of the generated items, the same for every item but for shifted thresholds."""
    shift = np.linspace(-0.4, 0.4, scenario.items)[:, None]
    return ItemParameters(
        items=tuple(f"item_{k + 1}" for k in range(scenario.items)),
        slopes=np.full(scenario.items, scenario.discrimination),
        intercepts=np.array(THRESHOLDS) + shift,
        family=GRADED,
        link="logit",
    )


def generate(scenario: Scenario, students: int, clusters: int, seed: int) -> Generated:
    """Generate a study; its residual variance makes the outcome's variance equal in both groups."""
    rng = np.random.default_rng(seed)
    cluster = np.sort(np.arange(students) % clusters)
    shares = np.clip(rng.normal(FOCAL_SHARE, SHARE_SD, clusters), 0.05, 0.95)
    focal = (rng.random(students) < shares[cluster]).astype(int)
    between = BETWEEN_SD * rng.standard_normal((2, clusters))
    within = rng.standard_normal(students) * np.array(scenario.standard_deviation)[focal]
    exposure = between[0, cluster] + FOCAL_GAP * focal + within
    slope = np.array(scenario.slopes)[focal]
    rest = np.sqrt(1 - (slope * np.array(scenario.standard_deviation)[focal]) ** 2)
    outcome = between[1, cluster] + FOCAL_GAP * focal + slope * within
    outcome = outcome + rest * rng.standard_normal(students)
    parameters = item_parameters(scenario)
    return Generated(
        cluster,
        focal,
        exposure,
        outcome,
        _answer(exposure, parameters, rng),
        _answer(outcome, parameters, rng) if scenario.latent_outcome else None,
    )


def _answer(trait: np.ndarray, parameters: ItemParameters, rng: np.random.Generator) -> Answers:
    reached = np.cumsum(category_probabilities(parameters, trait), axis=1)[:, :-1]
    codes = (rng.random((len(parameters.items), 1, len(trait))) > reached).sum(axis=1)
    categories = np.full(len(parameters.items), parameters.intercepts.shape[1] + 1)
    return Answers(parameters.items, codes.T.astype(np.int16), categories)


def within_cluster(values: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Deviations from the mean of each row's cluster."""
    return values - (np.bincount(cluster, values) / np.bincount(cluster))[cluster]


def benefit_gap(
    exposure: np.ndarray, outcome: np.ndarray, focal: np.ndarray, cluster: np.ndarray
) -> float:
    """Coefficient of focal × deviation of the exposure, a fixed effect for each cluster.

    Beside it stand the deviation, the focal group, and the focal group's share × deviation.
    """
    deviation = within_cluster(exposure, cluster)
    share = (np.bincount(cluster, focal) / np.bincount(cluster))[cluster]
    share = share - share.mean()
    columns = [focal * deviation, deviation, focal.astype(float), share * deviation]
    design = np.column_stack([within_cluster(column, cluster) for column in columns])
    solved = np.linalg.lstsq(design, within_cluster(outcome, cluster), rcond=None)
    return float(solved[0][0])


def paired_errors(
    scenario: Scenario,
    study: Generated,
    schedule: Schedule,
    methods: tuple[str, ...] = (PLAUSIBLE,),
) -> dict[str, float]:
    """Error of each kind of score in one study, with the true item parameters.

    Mean scores are in units of the latent scale: divided by the slope of the mean score on the
    true exposure in the reference group. A latent outcome is scored in the same way as the
    exposure.

    Parameters
    ----------
    scenario : Scenario
    study : Generated
    schedule : Schedule
    methods : tuple of str
        Kinds of plausible values to draw.

    Returns
    -------
    dict of str to float
        Keys `mean score`, `expected a posteriori` and those of `methods`.
    """
    true = benefit_gap(study.exposure, study.outcome, study.focal, study.cluster)

    def error(exposure: np.ndarray, outcome: np.ndarray) -> float:
        return benefit_gap(exposure, outcome, study.focal, study.cluster) - true

    given = [(study.answers, study.exposure)]
    if study.outcome_answers is not None:
        given.append((study.outcome_answers, study.outcome))
    means, posteriors = [], []
    for answers, trait in given:
        mean = answers.codes.mean(axis=1)
        reference = study.focal == 0
        means.append(mean / np.polyfit(trait[reference], mean[reference], 1)[0])
        posteriors.append(expected_a_posteriori(answers, item_parameters(scenario)).score)
    known = [] if scenario.latent_outcome else [study.outcome]
    out = {
        "mean score": error(*means, *known),
        "expected a posteriori": error(*posteriors, *known),
    }
    for method in methods:
        model = joint_model(scenario, study, by_group=method == PLAUSIBLE)
        draws = draw_joint_values(model, schedule).draws
        out[method] = float(np.mean([error(draw[:, 0], draw[:, 1]) for draw in draws]))
    return out


def joint_model(scenario: Scenario, study: Generated, *, by_group: bool) -> JointModel:
    """The joint model of a generated study, slopes and covariances by group or the same in both."""
    students = len(study.focal)
    share = (np.bincount(study.cluster, study.focal) / np.bincount(study.cluster))[study.cluster]
    share = share - share.mean()
    given = [study.answers, *([study.outcome_answers] if study.outcome_answers else [])]
    parameters = item_parameters(scenario)
    likelihood = [log_likelihood_on_grid(answers, parameters, GRID) for answers in given]
    values = np.full((students, 2), np.nan)
    if not scenario.latent_outcome:
        values[:, 1] = study.outcome
    return JointModel(
        variables=("exposure", "outcome"),
        has_exposure=True,
        observed=values,
        latent=np.arange(len(given)),
        log_likelihood=np.stack(likelihood, axis=1).astype(np.float32),
        design=np.column_stack([np.ones(students), study.focal, share, study.focal * share]),
        terms=("intercept", "focal", "share", "focal × share"),
        cells=make_cells(
            study.focal if by_group else np.zeros_like(study.focal),
            study.cluster,
            share if by_group else np.zeros(students),
        ),
        groups=("reference", "focal") if by_group else ("everyone",),
    )
