"""Three studies, and long runs of the explicit model on them, kept in explicit_posteriors.json.

From the repository's folder (about half an hour):
PYTHONPATH=tests/samples python tests/reference/make_explicit_posteriors.py
The studies are made again from their seeds wherever they are needed.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import arviz_stats as az
import numpy as np
import pandas as pd
from specified import specified

from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.bayes.explicit.fit import fit_explicit
from learning_with_others.bayes.explicit.random_effects import Centring
from learning_with_others.bayes.model_frame import model_frame
from learning_with_others.bayes.specification import Sampler

FILE = Path(__file__).parent / "explicit_posteriors.json"
CLASSROOMS = 30
FIXED = ("exposure", "focal", "exposure:focal", "exposure_classroom", "background")
KEPT = ("coefficient", "sd_", "correlation_", "effect_")
SMALLEST_ESS = 4000
TARGET_ACCEPT = 0.998  # at .99 a few in 64,000 draws diverge
DIGITS = 7


@dataclass(frozen=True)
class ReferenceStudy:
    """A study made from a seed, its model, and how the explicit engine samples it well."""

    seed: int
    students: int
    schools: int
    groupings: dict
    weights: str | None
    centring: dict[str, Centring]
    draws: int


STUDIES = {
    "independent slopes": ReferenceStudy(
        seed=11,
        students=300,
        schools=6,
        groupings={"classroom": {"slopes": ("exposure",)}, "school": None},
        weights=None,
        centring={"classroom": "non-centred", "school": "non-centred"},
        draws=9_000,
    ),
    "correlated slopes": ReferenceStudy(
        seed=12,
        students=892,
        schools=4,
        groupings={"classroom": {"slopes": ("exposure",), "correlated": True}, "school": None},
        weights=None,
        centring={"classroom": "non-centred", "school": "non-centred"},
        draws=11_000,
    ),
    "weights and school slopes": ReferenceStudy(
        seed=13,
        students=300,
        schools=6,
        groupings={
            "classroom": {"slopes": ("exposure",)},
            "school": {"slopes": ("exposure",), "correlated": True},
        },
        weights="precision",
        centring={"classroom": "non-centred", "school": "non-centred"},
        draws=9_000,
    ),
}


def students_of(study):
    """Students with an exposure that varies within classrooms, and an outcome of sd about 1."""
    rng = np.random.default_rng(study.seed)
    classroom = np.arange(study.students) % CLASSROOMS
    school = classroom % study.schools
    exposure = rng.normal(size=study.students)
    exposure -= (np.bincount(classroom, exposure) / np.bincount(classroom))[classroom]
    level = rng.normal(scale=0.5, size=CLASSROOMS)[classroom]
    focal = (rng.random(study.students) < 0.4).astype(float)
    background = rng.normal(size=study.students) - 0.3 * focal
    precision = rng.uniform(0.5, 1.5, size=study.students)
    classrooms = rng.multivariate_normal([0, 0], [[0.09, 0.024], [0.024, 0.04]], size=CLASSROOMS)
    schools = rng.normal(scale=[0.3, 0.15], size=(study.schools, 2))
    intercept, slope = (classrooms[classroom] + schools[school]).T
    mean = intercept + (0.2 + slope - 0.1 * focal) * exposure - 0.2 * focal + 0.3 * background
    noise = 0.8 * rng.normal(size=study.students) / np.sqrt(precision)
    return pd.DataFrame(
        {
            "classroom": np.char.mod("c%02d", classroom),
            "school": np.char.mod("s%d", school),
            "exposure": exposure,
            "exposure_classroom": level,
            "focal": focal,
            "exposure:focal": exposure * focal,
            "background": background,
            "precision": precision,
            "outcome": mean + 0.15 * level + noise,
        }
    )


def frame_of(name):
    """The model of a reference study on its students, priors weakly informative."""
    study = STUDIES[name]
    named = specified("outcome", *FIXED, groupings=study.groupings, weights=study.weights)
    return model_frame(named, students_of(study))


def summaries(posterior):
    """Mean, sd, 5% and 95% quantile of each parameter, and the Monte Carlo error of each.

    Returns
    -------
    dict of str to list of (float, float)
        By parameter, such as ``effect_school[s1]``: value and standard error of the four.
    """
    ways = [
        (lambda x: x.mean(), {"method": "mean"}),
        (lambda x: x.std(ddof=1), {"method": "sd"}),
        (lambda x: np.quantile(x, 0.05), {"method": "quantile", "prob": 0.05}),
        (lambda x: np.quantile(x, 0.95), {"method": "quantile", "prob": 0.95}),
    ]
    found = {}
    for name, values in posterior.data_vars.items():
        if not name.startswith(KEPT):
            continue
        flat = values.to_numpy().reshape(*values.shape[:2], -1)
        labels = (
            [f"[{label}]" for label in values[values.dims[2]].to_numpy()]
            if (values.ndim > 2)
            else [""]
        )
        for k, label in enumerate(labels):
            draws = np.ascontiguousarray(flat[..., k])
            found[f"{name}{label}"] = [
                (float(way(draws)), float(az.mcse(draws, **how))) for way, how in ways
            ]
    return found


def run(name):
    """Sample the explicit model until the run may serve as a reference, or fail."""
    study, frame = STUDIES[name], frame_of(name)
    sampler = Sampler(seed=study.seed, tune=3000, draws=study.draws, target_accept=TARGET_ACCEPT)
    fit = fit_explicit(frame, {"y": frame.outcome}, sampler, study.centring)["y"]
    diagnosis = diagnose(fit)
    print(name, diagnosis)  # noqa: T201
    worst = diagnosis.worst
    if worst["divergences"] or min(worst["ess_bulk"], worst["ess_tail"]) < SMALLEST_ESS:
        raise SystemExit(f"{name}: no reference; take more draws or another centring")
    return {
        "outcome_sum": float(frame.outcome.sum()),
        "draws": sampler.chains * sampler.draws,
        "divergences": int(worst["divergences"]),
        "ess_bulk": round(worst["ess_bulk"]),
        "ess_tail": round(worst["ess_tail"]),
        "parameters": {
            parameter: [[float(f"{number:.{DIGITS}g}") for number in pair] for pair in values]
            for parameter, values in summaries(fit["posterior"].to_dataset()).items()
        },
    }


def main(names):
    """Run the named studies, all if none is named, and write what they gave beside the others."""
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    for name in names or STUDIES:
        kept[name] = run(name)
        rows = ",\n".join(
            f"  {json.dumps(study)}: {{\n"
            + ",\n".join(
                f"    {json.dumps(key)}: "
                + (
                    json.dumps(value)
                    if key != "parameters"
                    else "{\n"
                    + ",\n".join(
                        f"      {json.dumps(p)}: {json.dumps(v)}" for p, v in value.items()
                    )
                    + "\n    }"
                )
                for key, value in about.items()
            )
            + "\n  }"
            for study, about in kept.items()
        )
        FILE.write_text("{\n" + rows + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
