"""A specification on its rows as a PyMC model."""

from collections.abc import Mapping
from typing import get_args

import numpy as np
import pymc as pm

from learning_with_others.bayes.explicit.random_effects import Centring, group_effects, pair_labels
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.errors import CompendiumError, suggest


def explicit_model(
    frame: ModelFrame, centring: Centring | Mapping[str, Centring] = "auto"
) -> pm.Model:
    r"""Write the model in plain PyMC.

    .. math::
        \mu_i = x_i'\beta + \sum_g z_{gi}' u_{g[i]}, \qquad y_i \sim \mathrm{family}(\mu_i)

    Parameters
    ----------
    frame : ModelFrame
    centring : {'auto', 'centred', 'non-centred'} or mapping from grouping to one of these
        How group effects are sampled; the posterior is the same. See `group_effects`.

    Returns
    -------
    pymc.Model
        Variables `coefficient` (dimension `term`), those of `group_effects` for each grouping,
        and the parameters of the family. The outcome is the data
        `outcome`, so that a compiled model is fitted again to another.

    Raises
    ------
    CompendiumError
        If `centring` names no grouping or no way of centring.
    """
    ways = _centring(frame, centring)
    coords: dict[str, object] = {"term": list(frame.terms), "row": np.arange(len(frame.outcome))}
    for grouping in frame.groupings:
        coords[grouping.name] = list(grouping.labels)
        if grouping.correlated:
            coords[f"pair_{grouping.name}"] = pair_labels(grouping)
    with pm.Model(coords=coords) as model:
        outcome = pm.Data("outcome", frame.outcome, dims="row")
        mean = np.zeros(len(frame.outcome))
        if frame.terms:
            columns = pm.Data("columns", frame.columns, dims=("row", "term"))
            scales = np.array(frame.priors.coefficient_sd)
            mean = columns @ pm.Normal("coefficient", 0, scales, dims="term")
        for grouping in frame.groupings:
            mean = mean + group_effects(grouping, frame, ways[grouping.name])
        frame.family.declare(mean, outcome, frame)
    return model


def model_graph(model: pm.Model) -> str:
    """Draw a model as a Mermaid diagram, which GitHub and JupyterLab show without other software.

    Returns
    -------
    str
        Text of the diagram.
    """
    return pm.model_to_mermaid(model)


def _centring(
    frame: ModelFrame, centring: Centring | Mapping[str, Centring]
) -> dict[str, Centring]:
    names = [grouping.name for grouping in frame.groupings]
    given = dict.fromkeys(names, centring) if isinstance(centring, str) else dict(centring)
    for name, way in given.items():
        if name not in names:
            raise CompendiumError(
                f"{name!r} is no grouping", where="centring", remedy=suggest(name, names)
            )
        if way not in get_args(Centring):
            raise CompendiumError(
                f"{way!r} is no way of centring",
                where=f"centring: {name}",
                remedy=suggest(str(way), get_args(Centring)),
            )
    return dict.fromkeys(names, "auto") | given
