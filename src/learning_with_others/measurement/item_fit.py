"""How well each item follows its response model."""

from functools import partial

import numpy as np
import pandas as pd
import pingouin as pg

from learning_with_others.data.codebook import Column
from learning_with_others.measurement.graded_scales import Reason, stacked, student_scales
from learning_with_others.psychometrics.answers import MISSING, Answers
from learning_with_others.psychometrics.response_models.curves import (
    SMALLEST_PROBABILITY,
    category_probabilities,
    check_same_items,
    log_likelihood_on_grid,
)
from learning_with_others.psychometrics.response_models.item_parameters import (
    GRADED,
    ItemParameters,
)
from learning_with_others.psychometrics.response_models.marginal_problem import (
    even_grid,
    normal_weights,
)
from learning_with_others.psychometrics.response_models.model_fit import score_fit
from learning_with_others.study import StudyDesign

FEWEST_COMPLETE = 100  # rows; with fewer, hardly a misfit would show
COLUMNS = [
    "scale", "item", "children", "children_complete", "statistic", "df", "p", "p_holm", "rmsea",
    "rmsd", "infit", "outfit", "flag",
]  # fmt: skip


def curve_fit(answers: Answers, parameters: ItemParameters) -> pd.DataFrame:
    """Compare the mean answer of people around each trait value with the model's.

    People are spread over the trait by their posterior, given all their answers. A trait so drawn
    and an answer are jointly as the model has them, so that both residual mean squares are 1 in
    expectation under the model (with residuals at point estimates of the trait they are not).

    Parameters
    ----------
    answers : Answers
    parameters : ItemParameters
        Trait standard normal in the rows.

    Returns
    -------
    pandas.DataFrame
        One row an item: `rmsd`, the root mean squared deviance of its expected answer, in shares
        of its range; `infit, outfit`, mean squared residuals, weighted by information and
        unweighted, 1 expected, NaN unless the family is one of Rasch's; `children` who answered.

    References
    ----------
    OECD (2017). PISA 2015 Technical Report, ch. 9 (RMSD; here of the expected answer divided by
    its highest value, which for two categories is the same).
    Wright, B. D. and Masters, G. N. (1982). Rating Scale Analysis, ch. 5 (infit, outfit).
    """
    check_same_items(answers, parameters)
    grid = even_grid()
    probability = category_probabilities(parameters, grid)
    score = np.arange(probability.shape[1])
    mean = np.einsum("c,kcq->kq", score, probability)
    variance = np.einsum("c,kcq->kq", score**2, probability) - mean**2
    log_posterior = log_likelihood_on_grid(answers, parameters, grid)
    log_posterior += np.log(normal_weights(0.0, 0.0, grid))
    posterior = np.exp(log_posterior - log_posterior.max(axis=1, keepdims=True))
    posterior /= posterior.sum(axis=1, keepdims=True)
    k = len(answers.items)
    rmsd, infit, outfit = (np.full(k, np.nan) for _ in range(3))
    given = answers.codes != MISSING
    for item in range(k):
        rows = given[:, item]
        code = answers.codes[rows, item].astype(int)
        people = posterior[rows].sum(axis=0)
        seen = (code @ posterior[rows]) / np.maximum(people, SMALLEST_PROBABILITY)
        away = (seen - mean[item]) / (parameters.categories[item] - 1)
        if rows.any():
            rmsd[item] = np.sqrt((people / people.sum()) @ away**2)
        if parameters.family == GRADED or not rows.any():
            continue
        squared = (posterior[rows] * (code[:, None] - mean[item]) ** 2).sum(axis=0)
        infit[item] = squared.sum() / (people @ variance[item])
        outfit[item] = (squared / variance[item]).sum() / len(code)
    children = given.sum(axis=0)
    return pd.DataFrame({"rmsd": rmsd, "infit": infit, "outfit": outfit, "children": children})


def item_fit(answers: Answers, parameters: ItemParameters) -> pd.DataFrame:
    """All fit statistics of one scale's items.

    Returns
    -------
    pandas.DataFrame
        Columns of `item_fit_table` without `scale`.
    """
    scores, curves = score_fit(answers, parameters), curve_fit(answers, parameters)
    complete = int((answers.codes != MISSING).all(axis=1).sum())
    table = pd.DataFrame([vars(fit) for fit in scores])
    table["p_holm"] = pg.multicomp(table["p"], method="holm")[1]  # over those that are known
    flag = f"S-X² rests on {complete} complete rows" if complete < FEWEST_COMPLETE else ""
    no_df = "no degree of freedom is left for S-X²"
    table["flag"] = [
        "; ".join(part for part in (flag, no_df if fit.df < 1 else "") if part) for fit in scores
    ]
    table = table.assign(item=answers.items, children_complete=complete)
    return table.join(curves)[COLUMNS[1:]]


def item_fit_table(
    rows: pd.DataFrame,
    study: StudyDesign,
    columns: dict[str, Column],
    fitted: dict[str, ItemParameters],
) -> pd.DataFrame:
    """Item fit of every fitted scale.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the two groups compared, those that the parameters were fitted to.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the students' table.
    fitted : dict of str to ItemParameters
        Scale to its parameters, both groups together as one; other scales are left out.

    Returns
    -------
    pandas.DataFrame
        Columns `scale, item`, `children` (count: answered the item; behind `rmsd`, `infit` and
        `outfit`), `children_complete` (count: answered the whole scale; behind S-X²),
        `statistic` (S-X²), `df, p`, `p_holm` (within the scale), `rmsea`, `rmsd` (share of the
        answer's range), `infit, outfit` (Rasch families only), `flag`. A scale whose parameters
        are not of its items has one row, flagged.
    """
    out = []
    for scale, given in student_scales(rows, study, columns).items():
        if scale not in fitted:
            continue
        table = given.find(partial(item_fit, parameters=fitted[scale]))
        if isinstance(table, Reason):
            table = pd.DataFrame([{"flag": table}])
        out.append(table.assign(scale=scale))
    return stacked(out, COLUMNS)
