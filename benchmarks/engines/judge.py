"""Judge a fit by the same parameters for each engine."""

from typing import Any

import xarray as xr

from benchmarks.engines.designs import StudyDesign, parameter_count
from benchmarks.engines.table import PASSED
from learning_with_others.bayes.diagnosis import Diagnosis, diagnose
from learning_with_others.errors import CompendiumError

# What an engine keeps besides the parameters: innovations of a non-centred model, partial
# correlations, and bambi's innovations.
AUXILIARY_STARTS = ("standard_", "partial_")
AUXILIARY_ENDS = ("_offset",)


def judge(fit: xr.DataTree, design: StudyDesign, sampling_seconds: float) -> Diagnosis:
    """Diagnose coefficients, sds, correlation and all group effects.

    Raises
    ------
    CompendiumError
        If the fit's parameters are not as many as the model's.
    """
    weighted = "weighted" in fit
    posterior = fit["weighted" if weighted else "posterior"].to_dataset()
    kept = posterior[
        [
            name
            for name in map(str, posterior.data_vars)
            if not name.startswith(AUXILIARY_STARTS) and not name.endswith(AUXILIARY_ENDS)
            if name != "weight"
        ]
    ]
    draws = kept.sizes["chain"] * kept.sizes["draw"]
    count = sum(variable.size // draws for variable in kept.data_vars.values())
    if count != parameter_count(design):
        raise CompendiumError(
            f"{count} parameters where the model has {parameter_count(design)}: "
            + ", ".join(map(str, kept.data_vars)),
            where=f"design {design.name}",
            remedy="compare engines on the same parameters",
        )
    if weighted:
        tree = xr.DataTree.from_dict({"/weighted": kept.assign(weight=posterior["weight"])})
        tree.attrs["pareto_k"] = fit.attrs["pareto_k"]
    else:
        about = fit["sample_stats"].to_dataset()[["diverging", "energy"]]
        tree = xr.DataTree.from_dict({"/posterior": kept, "/sample_stats": about})
    tree.attrs["seconds"] = sampling_seconds
    return diagnose(tree)


def figures(diagnosis: Diagnosis) -> dict[str, Any]:
    """Columns of a run's table: independent draws have one effective size, and no chains."""
    worst = diagnosis.worst
    size = worst.get("effective_size", float("nan"))
    return {
        "ess_bulk_min": round(worst.get("ess_bulk", size), 1),
        "ess_tail_min": round(worst.get("ess_tail", size), 1),
        "divergences": int(worst.get("divergences", 0)),
        "diagnosis": "; ".join(diagnosis.failures) or PASSED,
    }
