"""A small simulated benefit model, fitted: ten classrooms in three schools."""

from functools import cache, partial
from types import SimpleNamespace

import numpy as np
import pandas as pd

from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.specification import GroupingTerms, Sampler, Specification
from learning_with_others.bayes.stored_draws import stored_draws
from learning_with_others.models.benefit_design import OUTCOME, BenefitDesign
from learning_with_others.models.benefit_fit import ABOUT, BenefitFit
from learning_with_others.models.benefit_terms import interaction, share
from learning_with_others.models.drawn import draw_posterior
from learning_with_others.models.estimands import benefit_draws
from learning_with_others.models.exposure import Contrasts, ExposureContrast

SLOPE, GAP = "exposure, within classroom", 0.8
SIZES = [30] * 9 + [6]  # students of each classroom; the last is under the minimum cell
SAMPLER = Sampler(3, tune=400, draws=500)


def small_study() -> SimpleNamespace:
    """Give what the checks read of a study."""
    return SimpleNamespace(
        analysis=SimpleNamespace(minimum_cell=10, seed=5, interval_probability=0.95),
        roles=SimpleNamespace(exposure=SimpleNamespace(varies_by="student")),
    )


def simulated_design(sizes: tuple[int, ...] = tuple(SIZES)) -> BenefitDesign:
    """Build classrooms within three schools, a little like `benefit_design`."""
    rng = np.random.default_rng(8)
    index = np.repeat(np.arange(len(sizes)), sizes)
    black = rng.random(len(index)) < 0.5
    raw = rng.normal(size=len(index))
    count = np.bincount(index)
    deviation = raw - (np.bincount(index, raw) / count)[index]
    in_cluster = (np.bincount(index, black) / count)[index]
    member = black - black.mean()
    composition = in_cluster - in_cluster.mean()
    columns = {
        SLOPE: deviation,
        "Black": member,
        share("Black", "classroom"): composition,
        interaction("Black", SLOPE): black * deviation,
        interaction(share("Black", "classroom"), SLOPE): composition * deviation,
        "prior score": rng.normal(size=len(index)),
    }
    clusters = {
        "classroom label": [f"room {j}" for j in index],
        "school label": [f"school {j // 4}" for j in index],
    }
    contrast = ExposureContrast(
        SLOPE, deviation, {}, *(float(q) for q in np.quantile(deviation, [0.1, 0.9]))
    )
    return BenefitDesign(
        data=pd.DataFrame(columns | clusters),
        specification=Specification(
            outcome=OUTCOME,
            family="gaussian",
            fixed=tuple(columns),
            groupings=(
                GroupingTerms("classroom", "classroom label", (SLOPE,), within="school"),
                GroupingTerms("school", "school label"),
            ),
        ),
        contrasts=Contrasts("classroom", [contrast]),
        reference="White",
        focal="Black",
        others=(),
        sizes={"Black": int(black.sum()), "White": int((~black).sum())},
        left_out=(),
        group_shares={"White": float(1 - black.mean()), "Black": float(black.mean())},
        cluster_shares={
            "White": {"Black": float(composition[~black].mean())},
            "Black": {"Black": float(composition[black].mean())},
        },
        clusters_with_both={
            "classroom": (len(sizes), len(sizes)),
            "school": (-(-len(sizes) // 4),) * 2,
        },
    )


def simulated_frame(design: BenefitDesign) -> ModelFrame:
    """Draw an outcome with a large benefit gap."""
    rng = np.random.default_rng(9)
    data = design.data
    classroom = pd.factorize(data["classroom label"])[0]
    mean = 0.3 * data[SLOPE] + GAP * data[interaction("Black", SLOPE)] + 0.4 * data["prior score"]
    own = (0.4 * rng.normal(size=len(SIZES)))[classroom]
    slopes = (0.2 * rng.normal(size=len(SIZES)))[classroom] * data[SLOPE]
    outcome = (mean + own + slopes).to_numpy() + 0.7 * rng.normal(size=len(data))
    return design.frame((outcome - outcome.mean()) / outcome.std())


@cache
def simulated_fits() -> dict[str, BenefitFit]:
    """Fit it, once."""
    design = simulated_design()
    frame = simulated_frame(design)
    drawn = draw_posterior(frame, SAMPLER, partial(benefit_draws, design=design), effects=True)
    posterior = stored_draws(drawn.fit, SAMPLER.chains, SAMPLER.draws, SAMPLER.seed)
    return {
        "y": BenefitFit(
            design=design,
            frame=frame,
            posterior=posterior,
            mixture=stored_draws(drawn.fit, 1, 2000, SAMPLER.seed),
            draws={key: each[None] for key, each in drawn.estimands.items()},
            weights=drawn.weights[None],
            diagnosis=drawn.diagnosis,
            score="scale score",
            about={key: drawn.fit.attrs[key] for key in ABOUT},
        )
    }
