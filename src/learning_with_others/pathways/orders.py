"""Both orders of adjacent blocks: what cross-sectional data cannot tell apart."""

import pandas as pd

from learning_with_others.models.pathway_chain import Chain, chain_of
from learning_with_others.models.pathway_estimands import pathway_estimands
from learning_with_others.models.pathway_fit import PathwayFit
from learning_with_others.pathways.associations_table import SD, summary_of, summed_path
from learning_with_others.study import StudyDesign

DECLARED = "as declared"


def declared_chain(study: StudyDesign) -> Chain | None:
    """Give the declared pathway, or None where the study declares none."""
    return None if study.roles.pathway is None else chain_of(study)


def other_orders(chain: Chain | None) -> dict[str, Chain]:
    """Give the chain with each two adjacent blocks of mediators exchanged, by what comes first.

    With one block of mediators only, it is exchanged with the final outcomes.
    """
    if chain is None:
        return {}
    count = len(chain.blocks)
    places = range(count - 2) if count > 2 else range(1)  # noqa: PLR2004 - mediators and outcomes
    return {
        f"{', '.join(chain.blocks[k + 1])} before {', '.join(chain.blocks[k])}": chain.swapped(k)
        for k in places
    }


def order_table(
    main: PathwayFit | None, others: dict[str, PathwayFit], study: StudyDesign
) -> pd.DataFrame | None:
    """Links between blocks that are exchanged, and indirect associations with the last outcomes.

    Returns
    -------
    pandas.DataFrame or None
        Columns `order, quantity, outcome, path, group, estimate, lower, upper, mcse, …, unit,
        flag`; None where no other order was fitted.
    """
    if main is None or not others:
        return None
    *mediators, last = main.design.chain.blocks
    blocks = mediators if len(mediators) > 1 else main.design.chain.blocks
    exchanged = {name for block in blocks for name in block}
    rows = []
    for order, fit in {DECLARED: main, **others}.items():
        chain = fit.design.chain
        for one in pathway_estimands(fit.links, fit.design):
            if one.quantity.startswith("pathway.link"):
                shown = {one.via, one.outcome} <= exchanged
            else:
                shown = one.outcome in last and one.via == summed_path(chain, one.outcome)
            if not shown:
                continue
            rows.append(
                {
                    "order": order,
                    "quantity": one.quantity,
                    "outcome": one.outcome,
                    "path": one.via,
                    "group": one.group,
                    **summary_of(one.draws, fit, study),
                    "unit": SD,
                    "flag": fit.diagnosis.flag or "",
                }
            )
    return pd.DataFrame(rows)
