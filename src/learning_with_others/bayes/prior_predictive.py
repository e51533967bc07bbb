"""What the priors say before data: draws of every parameter, and of what they mean together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.bayes.design import Grouping
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.prior_sets import Prior, draw_standard_deviation
from learning_with_others.errors import CompendiumError, suggest


@dataclass(frozen=True)
class PriorDraws:
    """Independent draws of all parameters from their priors.

    Attributes
    ----------
    coefficient : ndarray, shape (draws, p)
    standard_deviation : dict of str to ndarray, each of shape (draws, q)
        Standard deviations of each grouping's random columns.
    correlation : dict of str to ndarray, each of shape (draws, q, q)
        Correlation matrices; the identity where random columns are independent.
    own : dict of str to ndarray, each of shape (draws, ...)
        The family's own parameters.
    sd_residual : ndarray, shape (draws,)
        Of the errors on the scale of the linear predictor; π/√3 for a logit.
    """

    coefficient: np.ndarray
    standard_deviation: dict[str, np.ndarray]
    correlation: dict[str, np.ndarray]
    own: dict[str, np.ndarray]
    sd_residual: np.ndarray


def draw_priors(frame: ModelFrame, draws: int, seed: int) -> PriorDraws:
    """Draw parameters from their priors.

    Parameters
    ----------
    frame : ModelFrame
    draws, seed : int
    """
    rng = np.random.default_rng(seed)
    priors = frame.priors
    coefficient = rng.normal(size=(draws, len(frame.terms))) * priors.coefficient_sd
    standard_deviation = {
        each.name: np.column_stack(
            [
                draw_standard_deviation(prior, draws, rng)
                for prior in priors.standard_deviation[each.name]
            ]
        )
        for each in frame.groupings
    }
    correlation = {
        each.name: _correlations(each, priors.correlation.get(each.name), draws, rng)
        for each in frame.groupings
    }
    own = frame.family.draw_parameters(frame, draws, rng)
    return PriorDraws(
        coefficient, standard_deviation, correlation, own, frame.family.residual_sd(own, draws)
    )


def _correlations(
    grouping: Grouping, prior: Prior | None, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """LKJ matrices from independent Beta partial correlations, as the explicit engine has them."""
    size = 1 + len(grouping.slopes)
    factor = np.zeros((draws, size, size))
    factor[:, 0, 0] = 1
    for i in range(1, size):
        left = np.ones(draws)
        for j in range(i):
            partial = np.zeros(draws)
            if prior is not None:
                shape = prior.scale + (size - 2 - j) / 2
                partial = 2 * rng.beta(shape, shape, size=draws) - 1
            factor[:, i, j] = partial * left
            left = left * np.sqrt(1 - partial**2)
        factor[:, i, i] = left
    return factor @ factor.transpose(0, 2, 1)


def simulate_outcomes(frame: ModelFrame, drawn: PriorDraws, seed: int) -> np.ndarray:
    """Simulate an outcome for the rows of a frame from each draw of the parameters.

    Returns
    -------
    ndarray, shape (draws, n)
        Numbers, or codes of the frame's categories.
    """
    rng = np.random.default_rng(seed)
    draws = len(drawn.coefficient)
    mean = drawn.coefficient @ frame.columns.T
    for grouping in frame.groupings:
        root = np.linalg.cholesky(drawn.correlation[grouping.name])
        standard = rng.normal(size=(draws, len(grouping.labels), 1 + len(grouping.slopes)))
        effect = (standard @ root.transpose(0, 2, 1)) * drawn.standard_deviation[grouping.name][
            :, None, :
        ]
        mean += np.einsum("dnq,nq->dn", effect[:, grouping.index], frame.random_columns(grouping))
    return frame.family.simulate(mean, drawn.own, rng, frame.weights)


def variance_shares(frame: ModelFrame, drawn: PriorDraws) -> pd.DataFrame:
    """Split the variance of the outcome that each draw implies, over the rows of the frame.

    On the scale of the linear predictor. A grouping's part is the mean over rows of the variance
    of its effects there, z' D z. With precision weights the residual part is σ² times the mean
    of 1/w.

    Returns
    -------
    pandas.DataFrame
        One row a draw; columns `fixed`, one for each grouping, and `residual`, which sum to
        the total variance.
    """
    centred = frame.columns - frame.columns.mean(axis=0)
    parts = {"fixed": ((drawn.coefficient @ centred.T) ** 2).mean(axis=1)}
    for grouping in frame.groupings:
        standard_deviation = drawn.standard_deviation[grouping.name]
        covariance = (
            drawn.correlation[grouping.name]
            * standard_deviation[:, :, None]
            * standard_deviation[:, None, :]
        )
        columns = frame.random_columns(grouping)
        moments = columns.T @ columns / len(columns)
        parts[grouping.name] = (covariance * moments).sum(axis=(1, 2))
    inverse = 1.0 if frame.weights is None else (1 / frame.weights).mean()
    parts["residual"] = drawn.sd_residual**2 * inverse
    return pd.DataFrame(parts)


def prior_quantities(
    frame: ModelFrame, draws: int, seed: int, *, slope: str, gap: str
) -> pd.DataFrame:
    """Draw from the priors the quantities that the analysis is about.

    Parameters
    ----------
    frame : ModelFrame
    draws, seed : int
    slope, gap : str
        Columns of the fixed matrix: the reference group's slope, and what is added to it for the
        focal group.

    Returns
    -------
    pandas.DataFrame
        Columns `priors` (name of the set), `quantity`, `of`, `value`; one row a draw. Quantities:
        `slope` of each group (`reference`, `focal`), `gap`, `icc` by grouping (share of its
        intercepts in the variance of all intercepts and the residual), and `outcome sd`. Slopes
        and gap in outcome sd.

    Raises
    ------
    CompendiumError
        If a column is not in the model.
    """
    for term in (slope, gap):
        if term not in frame.terms:
            raise CompendiumError(
                f"{term!r} is no column of the model",
                where="prior predictive",
                remedy=suggest(term, frame.terms),
            )
    drawn = draw_priors(frame, draws, seed)
    scaled = drawn.coefficient / frame.family.unit
    reference = scaled[:, frame.terms.index(slope)]
    difference = scaled[:, frame.terms.index(gap)]
    values = {
        ("slope", "reference"): reference,
        ("slope", "focal"): reference + difference,
        ("gap", ""): difference,
    }
    intercepts = {
        each.name: drawn.standard_deviation[each.name][:, 0] ** 2 for each in frame.groupings
    }
    total = sum(intercepts.values()) + drawn.sd_residual**2
    values |= {("icc", name): part / total for name, part in intercepts.items()}
    standard_deviation = np.sqrt(variance_shares(frame, drawn).sum(axis=1).to_numpy())
    values["outcome sd", ""] = standard_deviation / frame.family.unit
    return pd.concat(
        [
            pd.DataFrame(
                {"priors": frame.priors.name, "quantity": quantity, "of": of, "value": value}
            )
            for (quantity, of), value in values.items()
        ],
        ignore_index=True,
    )
