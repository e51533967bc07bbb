"""What a simulation planted, in the units of the estimates."""

import pandas as pd

from learning_with_others.data.synthetic.planted_paths import planted_association
from learning_with_others.models.model_rows import OBSERVED, rows_with_values
from learning_with_others.models.pathway_estimands import pathway_estimands
from learning_with_others.models.pathway_fit import PathwayFit
from learning_with_others.study import StudyDesign
from learning_with_others.study.simulation import Simulation


def planted_table(
    table: pd.DataFrame | None,
    fit: PathwayFit | None,
    rows: pd.DataFrame,
    values: pd.DataFrame | None,
    simulation: Simulation | None,
    study: StudyDesign,
) -> pd.DataFrame | None:
    """Put the planted value beside every estimate of a synthetic study.

    The planted slopes are in latent units, in which the reference group has a standard deviation
    of one; they are multiplied by the ratio of the standard deviations over the rows.

    Parameters
    ----------
    table : pandas.DataFrame or None
        From `pathway_table`.
    fit : PathwayFit or None
    rows : pandas.DataFrame
        From `rows_with_predictors`.
    values : pandas.DataFrame or None
    simulation : Simulation or None
    study : StudyDesign

    Returns
    -------
    pandas.DataFrame or None
        Columns `quantity, outcome, path, group, estimate, lower, upper, mcse, planted, inside`
        (whether the interval holds it)`, unit`; None where nothing was planted.
    """
    if table is None or fit is None or simulation is None or fit.score == OBSERVED:
        return None
    names = fit.design.chain.names
    columns = {name: study.pathway_columns.get(name, name) for name in names}
    versions = list(rows_with_values(rows, study, values, len(fit.weights)))
    sizes = {
        name: sum(float(each[column].std(ddof=0)) for each in versions) / len(versions)
        for name, column in columns.items()
    }
    for name, scale in simulation.grades.items():
        if name in sizes:
            sizes[name] /= scale.sd
    planted = {}
    for one in pathway_estimands(fit.links, fit.design):
        groups = [one.group] if one.group else [fit.design.focal, fit.design.reference]
        signs = dict(zip(groups, (1, -1), strict=False))
        planted[one.quantity, one.outcome, one.via, one.group] = sum(
            sign * planted_association(simulation, path, group) * sizes[path[0]] / sizes[path[-1]]
            for group, sign in signs.items()
            for path in one.paths
        )
    keys = zip(table["quantity"], table["outcome"], table["path"], table["group"], strict=True)
    beside = table.assign(planted=[planted.get(key) for key in keys]).dropna(subset="planted")
    inside = beside["planted"].between(beside["lower"], beside["upper"])
    kept = "quantity outcome path group estimate lower upper mcse planted inside unit".split()
    return beside.assign(inside=inside.map({True: "yes", False: "no"}))[kept]
