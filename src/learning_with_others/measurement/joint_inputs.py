"""From the rows of a study and its response models to the arrays of the joint model."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.data.outcome_families import linear_outcomes
from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.joint_terms import (
    FEWEST_VARYING,
    fixed_terms,
    focal_share,
    is_number,
    race_labels,
)
from learning_with_others.psychometrics.answers import Answers
from learning_with_others.psychometrics.response_models.curves import log_likelihood_on_grid
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters
from learning_with_others.psychometrics.scores.plausible.joint_model import (
    GRID,
    JointModel,
    make_cells,
)
from learning_with_others.psychometrics.scores.plausible.race_groups import pool_small_groups
from learning_with_others.study import StudyDesign

# A covariance matrix of its own needs more students than it has rows.
FEWEST_FOR_COVARIANCES, FEWEST_BY_VARIABLE = 30, 5
WHERE = "plausible values"


@dataclass(frozen=True)
class Prepared:
    """The joint model, and what leads back to the units of the study.

    Attributes
    ----------
    model : JointModel
    centre, standard_deviation : ndarray, shape (p,)
        Mean and sd by which observed variables were standardized; 0 and 1 for latent ones.
    flags : tuple of str
    """

    model: JointModel
    centre: np.ndarray
    standard_deviation: np.ndarray
    flags: tuple[str, ...]


def prepare(
    rows: pd.DataFrame,
    study: StudyDesign,
    answers: Mapping[str, Answers],
    parameters: Mapping[str, Mapping[str, ItemParameters]],
) -> Prepared:
    """Arrange rows, answers and item parameters for the sampler.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of all groups, each in a cluster.
    study : StudyDesign
    answers : mapping of str to Answers
        Keyed answers of the same rows, by scale.
    parameters : mapping of str to mapping of str to ItemParameters
        By scale and group; groups not named answer as the reference group does.

    Raises
    ------
    CompendiumError
        If rows and answers do not match, a scale lacks parameters, an item stands in two scales,
        or a row has no cluster.
    """
    _check(rows, study, answers)
    roles = study.roles
    latent, observed, flags = _variables(rows, study, answers)
    exposure = roles.exposure.name if roles.exposure.varies_by == "student" else None
    names = [*latent, *observed]
    names.sort(key=lambda name: name != exposure)  # Python: stable, so only the exposure moves

    values = np.full((len(rows), len(names)), np.nan)
    centre, standard_deviation = np.zeros(len(names)), np.ones(len(names))
    for k, name in enumerate(names):
        if name in observed:
            raw = rows[name].to_numpy(float)
            centre[k], standard_deviation[k] = np.nanmean(raw), np.nanstd(raw) or 1.0
            values[:, k] = (raw - centre[k]) / standard_deviation[k]
    order = [name for name in names if name in latent]
    labels = race_labels(rows, study)
    likelihood = np.empty((len(rows), len(order), len(GRID)), dtype=np.float32)
    for k, name in enumerate(order):
        likelihood[:, k] = _likelihood(answers[name], parameters[name], labels, study)

    contrasted = roles.group.contrast
    fewest = max(FEWEST_FOR_COVARIANCES, FEWEST_BY_VARIABLE * len(names))
    pooled, groups = pool_small_groups(labels, fewest, contrasted)
    flags += [
        f"{group} has {count} {study.people}: its slopes and covariances rest on their priors"
        for group in contrasted
        if (count := int((pooled == group).sum())) < fewest
    ]
    terms = fixed_terms(rows, study)
    cluster, parent = _clusters(rows, study)
    model = JointModel(
        variables=tuple(names),
        has_exposure=exposure is not None,
        observed=values,
        latent=np.array([names.index(name) for name in order], dtype=int),
        log_likelihood=likelihood,
        design=np.column_stack(list(terms.values())),
        terms=tuple(terms),
        cells=make_cells(
            np.array([groups.index(label) for label in pooled]),
            cluster,
            focal_share(rows, study),
            parent,
        ),
        groups=tuple(groups),
    )
    return Prepared(model, centre, standard_deviation, tuple(flags))


def _variables(
    rows: pd.DataFrame, study: StudyDesign, answers: Mapping[str, Answers]
) -> tuple[list[str], list[str], list[str]]:
    """Names of latent and of observed variables, and what to say of them."""
    roles = study.roles
    latent, flags = list(answers), []
    observed: list[str] = []
    exposure = [roles.exposure] if roles.exposure.varies_by == "student" else []
    scales = {role.name: role.scale for role in [*exposure, *linear_outcomes(study).values()]}
    for column in study.pathway_columns.values():
        scales.setdefault(column, column)  # what is no outcome is a construct
    for name, scale in scales.items():
        if name in latent:
            continue
        if scale is not None:
            flags.append(f"{scale} has no response model: its mean score stands for it")
        observed.append(name)
    observed += [
        name for name in roles.all_covariates if is_number(rows[name]) and name not in observed
    ]
    return latent, observed, flags


def _likelihood(
    answers: Answers,
    parameters: Mapping[str, ItemParameters],
    labels: np.ndarray,
    study: StudyDesign,
) -> np.ndarray:
    """Log likelihood of each row under the parameters of its group."""
    known = np.where(np.isin(labels, list(parameters)), labels, study.roles.group.reference)
    out = np.empty((len(labels), len(GRID)), dtype=np.float32)
    for group in np.unique(known.astype(str)):
        inside = known == group
        out[inside] = log_likelihood_on_grid(answers.rows(inside), parameters[group], GRID)
    return out


def _clusters(rows: pd.DataFrame, study: StudyDesign) -> tuple[np.ndarray, np.ndarray | None]:
    """Codes of the lowest clusters, and the school of each if schools have random effects."""
    columns = list(study.roles.clusters.values())
    cluster = pd.factorize(rows[columns[0]])[0]
    if len(columns) == 1 or rows[columns[1]].nunique() < FEWEST_VARYING:
        return cluster, None
    school = pd.factorize(rows[columns[1]])[0]
    _, first = np.unique(cluster, return_index=True)
    return cluster, school[first]


def _check(
    rows: pd.DataFrame,
    study: StudyDesign,
    answers: Mapping[str, Answers],
) -> None:
    seen: dict[str, str] = {}
    for scale, given in answers.items():
        for item in given.items:
            if item in seen:
                raise CompendiumError(
                    f"stands in {seen[item]!r} and in {scale!r}",
                    where=f"{WHERE}, item {item!r}",
                    remedy="draw a construct or its elements, not both: answers count once",
                )
            seen[item] = scale
    for level, column in study.roles.clusters.items():
        lost = int(rows[column].isna().sum())
        if lost:
            raise CompendiumError(
                f"{lost} rows without a {level}",
                where=WHERE,
                remedy="leave them out, as the flow of rows does",
            )
