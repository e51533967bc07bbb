"""Two systems of equations, and long runs of their explicit model, in stacked_posteriors.json.

From the repository's folder (some ten minutes):
PYTHONPATH=tests/samples python tests/reference/make_stacked_posteriors.py
The data are made again from their seeds wherever they are needed.
"""

import json
import sys
from pathlib import Path

import numpy as np
import xarray as xr
from make_explicit_posteriors import DIGITS, SMALLEST_ESS, summaries
from simulated_systems import (
    IN_A_ROW,
    SIDE_BY_SIDE,
    exogenous,
    priors_of,
    with_outcomes,
)

from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stacked.explicit import fit_explicit_system

FILE = Path(__file__).parent / "stacked_posteriors.json"
SYSTEMS = {"side by side, values missing": (SIDE_BY_SIDE, 0.15), "in a row": (IN_A_ROW, 0.0)}
SAMPLER = Sampler(seed=3, chains=4, tune=1500, draws=10_000, target_accept=0.997)
KEPT = ("coefficient", "sd", "correlation")
RENAMED = {"sd": "sd_", "correlation": "correlation_"}  # names that `summaries` keeps


def system_of(name):
    """System, priors, data and clusters of a reference."""
    system, missing = SYSTEMS[name]
    rng = np.random.default_rng(17)
    data, cluster = exogenous(360, 24, 18)
    sds = [
        {"sd_r": 0.8, "sd_c": 0.5, "sd_s": 0.4}[label[:4]] for label in system.standard_deviations
    ]
    correlations = np.full(len(system.pairs), 0.4)
    coefficients = rng.normal(scale=0.4, size=len(system.coefficients))
    truth = coefficients, sds, correlations
    data = with_outcomes(system, truth, data, cluster, rng, missing)
    return system, priors_of(system), data, cluster


def run(name):
    """Sample the explicit model until the run may serve as a reference, or fail."""
    system, priors, data, cluster = system_of(name)
    fit = fit_explicit_system(system, priors, data, cluster, SAMPLER)
    posterior = fit["posterior"].to_dataset()[[*KEPT]]
    fit["posterior"] = xr.DataTree(posterior)
    diagnosis = diagnose(fit)
    worst = diagnosis.worst
    print(name, diagnosis, fit.attrs["seconds"])  # noqa: T201
    if worst["divergences"] or min(worst["ess_bulk"], worst["ess_tail"]) < SMALLEST_ESS:
        raise SystemExit(f"{name}: no reference; take more draws")
    own = summaries(posterior.rename(RENAMED))
    return {
        "data_sum": float(data.sum().sum()),
        "draws": SAMPLER.chains * SAMPLER.draws,
        "divergences": int(worst["divergences"]),
        "ess_bulk": round(worst["ess_bulk"]),
        "ess_tail": round(worst["ess_tail"]),
        "parameters": {
            parameter: [[float(f"{number:.{DIGITS}g}") for number in pair] for pair in values]
            for parameter, values in own.items()
        },
    }


def main(names):
    """Run the named systems, all if none is named, and write what they gave beside the others."""
    found = {name: run(name) for name in names or SYSTEMS}
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    FILE.write_text(json.dumps(kept | found, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
