"""A short pathway of a generated study: fitted once, and with draws made up for arithmetic."""

from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
from conftest import ROOT

from learning_with_others.bayes.diagnosis import Diagnosis
from learning_with_others.models.model_rows import OBSERVED
from learning_with_others.models.pathway_chain import Chain, chain_of
from learning_with_others.models.pathway_design import pathway_design
from learning_with_others.models.pathway_estimands import Links
from learning_with_others.models.pathway_fit import PathwayFit, fit_pathway
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict
from learning_with_others.study import load_study
from learning_with_others.study.pathway import Pathway

EXPOSURE = "collaboration"
BLOCKS = (("personalization",), ("engagement", "self_efficacy"), ("gpa",))
ONE_BLOCK = (("personalization", "engagement"), ("self_efficacy", "gpa"))  # as grade 8 has it
VARYING = (("collaboration", "personalization", "engagement"),)
FIRST, SECOND = (EXPOSURE, "personalization"), ("personalization", "engagement")
GROUPS = ("Black", "White")
PASSED = {"pareto_k": 0.3, "effective_size": 900.0}
ROWS, CLASSROOMS, SCHOOLS = 360, 12, 4
TRUE = {  # slopes of the generated rows, the same for both groups
    "personalization": {EXPOSURE: 0.6},
    "engagement": {EXPOSURE: 0.2, "personalization": 0.4},
    "self_efficacy": {EXPOSURE: 0.1, "personalization": 0.3},
    "gpa": {"engagement": 0.3, "self_efficacy": 0.2, "prior_gpa": 0.5},
}


@cache
def short_study(blocks=BLOCKS, varying=VARYING, covariates=("prior_gpa",), *, swap=False):
    """Give the synthetic study another pathway, or none, and its groups in the other order."""
    study = load_study(ROOT / "data/learning-with-others")
    pathway = blocks and Pathway(blocks=list(map(list, blocks)), varying=list(map(list, varying)))
    role = study.roles.group
    if swap:
        role = role.model_copy(update={"focal": role.reference, "reference": role.focal})
    changes = {"pathway": pathway, "group": role, "covariates": list(covariates)}
    return study.model_copy(update={"roles": study.roles.model_copy(update=changes)})


@cache
def generated_rows():
    """Students of three groups in classrooms, whose variables follow one another."""
    rng = np.random.default_rng(6)
    classroom = np.arange(ROWS) % CLASSROOMS
    rows = pd.DataFrame(
        {
            "student": np.char.mod("p%03d", np.arange(ROWS)),
            "classroom": np.char.mod("c%02d", classroom),
            "school": np.char.mod("s%d", classroom % SCHOOLS),
            "race": rng.choice(["Black", "White", "Asian"], size=ROWS, p=[0.4, 0.5, 0.1]),
            "prior_gpa": rng.normal(size=ROWS),
        }
    )
    rows[EXPOSURE] = rng.normal(size=ROWS) + 0.2 * rows["prior_gpa"]
    for name, slopes in TRUE.items():
        rows[name] = sum(slope * rows[start] for start, slope in slopes.items())
        rows[name] += rng.normal(0, 0.8, size=ROWS)
    rows.loc[rows.index[::20], "gpa"] = np.nan
    return rows


@cache
def fitted():
    """Fit the generated rows, once: a chain of three, whose slopes vary and covary."""
    links = ((FIRST, SECOND),)
    chain = Chain(EXPOSURE, (("personalization",), ("engagement",)), links)
    return fit_pathway(chain, generated_rows(), short_study().design, None)


def made_up_fit(study=None, chain=None, *, score=OBSERVED, values=1, seed=2, sign=1, spread=0.05):
    """Make a fit whose draws are normal, weighted, and of nobody's model.

    Links from the exposure are .5, later ones .3, and .1 more in the focal group; only the direct
    association with final outcomes is around 0.
    """
    study = study or short_study()
    chain = chain or chain_of(study)
    rng = np.random.default_rng(seed)
    shape = (values, 4, 250)
    design = pathway_design(generated_rows(), study.design, chain)

    def normal(mean, sd=spread):
        return mean + sd * rng.normal(size=shape)

    slopes, between = {}, {}
    for end in chain.names[1:]:
        for start in chain.before(end):
            straight = start == chain.exposure and end in chain.blocks[-1]
            mean = 0.0 if straight else 0.5 if start == chain.exposure else 0.3
            slopes[design.focal, (start, end)] = sign * normal(mean + 0.1 * (mean > 0))
            slopes[design.reference, (start, end)] = sign * normal(mean)
            between[start, end] = normal(mean)
    weights = rng.uniform(0.5, 1.5, size=shape)
    return PathwayFit(
        design=design,
        links=Links(
            slopes=slopes,
            covariances={
                pair: sign * normal(0.02, 0.005)
                for path in chain.varying
                for pair in combinations(path, 2)
            },
            residual_sds={name: np.abs(normal(0.8)) for name in chain.names[1:]},
            between=between,
            covariates={key: normal(0.2) for key in design.covariates},
        ),
        weights=weights / weights.sum(axis=(1, 2), keepdims=True),
        diagnoses=tuple(Diagnosis(PASSED, 1.0) for _ in design.parts),
        diagnosis=Diagnosis(PASSED, 2.0),
        score=score,
    )


def all_verdicts(**others):
    """Every measure comparable, but those named."""
    names = [EXPOSURE, *(name for block in chain_of(short_study()).blocks for name in block)]
    names += ["belonging", "teacher_support", "intrinsic_motivation", *others]
    found = {(name, kind): Verdict.COMPARABLE for name in names for kind in Comparison}
    return found | {(name, Comparison.SLOPES): verdict for name, verdict in others.items()}
