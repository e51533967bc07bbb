"""The explicit Gaussian multilevel model: the one to read and to extend."""

import numpy as np
import pymc as pm

from learning_with_others.bayes.design import Design, PriorScales

FEWEST_CENTRED = 50


def gaussian_model(design: Design, priors: PriorScales) -> pm.Model:
    r"""Write the model in plain PyMC.

    .. math::
        y_i = x_i'\beta + \sum_g \left(u_{g[i]} + \sum_t w_{t g[i]} x_{it}\right) + e_i

    with independent normal group effects and errors. Random intercepts are centred where there are
    groups enough to keep their spread away from zero; where there are few, as with four schools,
    and for random slopes, whose spread may be near zero, the standardized effects are sampled.

    Parameters
    ----------
    design : Design
    priors : PriorScales

    Returns
    -------
    pymc.Model
        Variables `coefficient`, `sd_residual`, and per grouping `sd_<name>`, `effect_<name>`
        and, for each random slope, `sd_<name>_slope_<k>`. The outcome is the data `outcome`.
    """
    rows = len(design.columns)
    coords = {"term": list(design.terms), "row": np.arange(rows)}
    coords |= {grouping.name: list(grouping.labels) for grouping in design.groupings}
    with pm.Model(coords=coords) as model:
        columns = pm.Data("columns", design.columns, dims=("row", "term"))
        outcome = pm.Data("outcome", np.zeros(rows), dims="row")
        coefficient = pm.Normal("coefficient", 0, priors.coefficient_sd, dims="term")
        mean = columns @ coefficient
        for grouping in design.groupings:
            name = grouping.name
            group = pm.Data(f"group_{name}", grouping.index, dims="row")
            spread = pm.HalfNormal(f"sd_{name}", priors.group_sd)
            if len(grouping.labels) >= FEWEST_CENTRED:
                effect = pm.Normal(f"effect_{name}", 0, spread, dims=name)
            else:
                standard = pm.Normal(f"standard_{name}", dims=name)
                effect = pm.Deterministic(f"effect_{name}", spread * standard, dims=name)
            mean += effect[group]
            for number, term in enumerate(grouping.slopes):
                spread = pm.HalfNormal(f"sd_{name}_slope_{number}", priors.group_sd)
                standard = pm.Normal(f"standard_{name}_slope_{number}", dims=name)
                mean += (spread * standard)[group] * columns[:, design.terms.index(term)]
        residual = pm.HalfNormal("sd_residual", priors.residual_sd)
        pm.Normal("y", mean, residual, observed=outcome, dims="row")
    return model
