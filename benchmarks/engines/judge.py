"""Judge a fit by the same parameters for each engine."""

import xarray as xr

from benchmarks.engines.designs import StudyDesign, parameter_count
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
    posterior = fit["posterior"].to_dataset()
    kept = posterior[
        [
            name
            for name in map(str, posterior.data_vars)
            if not name.startswith(AUXILIARY_STARTS) and not name.endswith(AUXILIARY_ENDS)
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
    about = fit["sample_stats"].to_dataset()[["diverging", "energy"]]
    tree = xr.DataTree.from_dict({"/posterior": kept, "/sample_stats": about})
    tree.attrs["seconds"] = sampling_seconds
    return diagnose(tree)
