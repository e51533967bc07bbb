"""Published systems, and the files of data that are not shipped with the compendium."""

import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.bayes.specification import INTERCEPT
from learning_with_others.bayes.stacked.system import Equation, System
from learning_with_others.models.pathway_estimands import expected_product

VARIABLE = "PATHWAY_REFERENCES"
FOLDER = Path(os.environ.get(VARIABLE, ROOT.parent / "shared/reference/pathways-robustness/data"))


def reference_data(file):
    """Data under another licence; the test is skipped where they are not."""
    if not (FOLDER / file).exists():
        pytest.skip(
            f"{file} is not here: agreement with its published estimates is NOT tested. "
            f"Put it into a folder and name that folder in the variable {VARIABLE}"
        )
    return pd.read_csv(FOLDER / file)


def two_links(exposure, mediator, outcome, varying, moderator=None):
    """An exposure, a mediator and an outcome; intercepts and slopes of one covariance matrix.

    `varying` has letters of links: a, b and c for c'. A moderator is that of a and b.
    """
    terms = [(INTERCEPT, exposure), (INTERCEPT, mediator, exposure)]
    if moderator:
        terms[0] += (moderator, f"{moderator}:{exposure}")
        terms[1] += (moderator, f"{moderator}:{mediator}")
    slopes = [
        tuple(x for x, link in ((exposure, "a"),) if link in varying),
        tuple(x for x, link in ((mediator, "b"), (exposure, "c")) if link in varying),
    ]
    intercept = (INTERCEPT,) if varying else ()
    equations = tuple(
        Equation(name, own, (*intercept, *slope))
        for name, own, slope in zip((mediator, outcome), terms, slopes, strict=True)
    )
    system = System(equations, ((mediator,), (outcome,)))
    covarying = (tuple(system.varying),) if varying else ()
    return System(equations, system.blocks, covarying)


def between_covariance(correlations, sds, one, other):
    """Covariance of two slopes from mappings by name; zero where they do not covary."""
    name = f"correlation_cluster[{one} & {other}]"
    if name not in correlations:
        return 0.0
    return correlations[name] * sds[f"sd_cluster[{one}]"] * sds[f"sd_cluster[{other}]"]


def along(slopes, correlations, sds, links):
    """Association along links such as ``m, x``, the mean of the product of their slopes."""
    covariances = {
        (i, j): between_covariance(correlations, sds, links[i], links[j])
        for i, j in combinations(range(len(links)), 2)
    }
    return expected_product([slopes[link] for link in links], covariances)


def by_name(draws):
    """Coefficients, correlations and standard deviations of draws, as mappings by name."""
    return [
        {str(label): draws[name].sel({dim: label}).to_numpy() for label in draws[dim].to_numpy()}
        if name in draws else {}
        for name, dim in (("coefficient", "place"), ("correlation", "pair"), ("sd", "sd_of"))
    ]  # fmt: skip


def by_name_of_maximum(found):
    """The same of a maximum."""
    slopes = {", ".join(place): value for place, value in found.coefficients.items()}
    return slopes, found.correlations, found.standard_deviations


def point_of(between, residual_sds):
    """Unconstrained point, without priors, of residual sds and one covariance matrix of effects."""
    sds = np.sqrt(np.diag(between))
    root = np.linalg.cholesky(between / np.outer(sds, sds))
    partial = []
    for row in range(1, len(root)):
        left = 1.0
        for entry in root[row, :row]:
            partial.append(np.arctanh(entry / left))
            left *= np.sqrt(1 - (entry / left) ** 2)
    return np.concatenate([np.log(residual_sds), np.log(sds), partial])
