"""Time and memory of the graded response ladder and differential items, for a large survey.

    .venv/bin/python benchmarks/response_models.py 100000 10 6    # ten scales of six items
    .venv/bin/python benchmarks/response_models.py 100000 1 60    # one scale of sixty items

Simulates two groups of people in classrooms of 25, fits the graded response model, climbs the
ladder and tests every item, in a process of its own, whose peak memory is reported. In each scale
every sixth item differs between the groups. Run twice: the first run compiles.
"""

import resource
import subprocess
import sys
import time

import numpy as np

CATEGORIES, CLASSROOM, SHIFT, GAP = 5, 25, 0.4, -0.3


def simulate(people: int, items: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw graded answers and groups; the focal group's thresholds of every sixth item differ."""
    focal = rng.random(people) < 0.3  # noqa: PLR2004 - the focal group's share
    trait = rng.standard_normal(people) + GAP * focal
    slopes = rng.uniform(0.8, 2.2, items)
    thresholds = np.linspace(-1.6, 1.6, CATEGORIES - 1) + rng.uniform(-0.5, 0.5, (items, 1))
    codes = np.empty((people, items), dtype=np.int16)
    for item in range(items):
        shift = SHIFT * focal if item % 6 == 0 else 0.0
        latent = slopes[item] * (trait - shift) + rng.logistic(size=people)
        codes[:, item] = np.searchsorted(slopes[item] * thresholds[item], latent)
    return codes, np.where(focal, "focal", "reference").astype(object)


def measure(people: int, scales: int, items: int) -> None:
    """Fit, climb and test each scale; print seconds and the peak memory of this process."""
    from learning_with_others.psychometrics.answers import Answers  # noqa: PLC0415 - not timed
    from learning_with_others.psychometrics.response_models.differential_items import (  # noqa: PLC0415
        differential_items,
    )
    from learning_with_others.psychometrics.response_models.ladder import climb_ladder  # noqa: PLC0415
    from learning_with_others.psychometrics.response_models.marginal import fit_response_model  # noqa: PLC0415

    rng = np.random.default_rng(1)
    spent = {"graded model": 0.0, "ladder": 0.0, "differential items": 0.0}
    for _ in range(scales):
        codes, group = simulate(people, items, rng)
        names = tuple(f"item_{number}" for number in range(items))
        answers = Answers(names, codes, np.full(items, CATEGORIES))
        moments = [time.perf_counter()]
        fit_response_model(answers)
        moments.append(time.perf_counter())
        ladder = climb_ladder(
            answers,
            group,
            focal="focal",
            reference="reference",
            cluster=np.arange(people) // CLASSROOM,
        )
        moments.append(time.perf_counter())
        differential_items(ladder)
        moments.append(time.perf_counter())
        for name, seconds in zip(spent, np.diff(moments), strict=True):
            spent[name] += seconds
        released = ", ".join(ladder.releases["item"])
        print(f"released {released}; gap {ladder.thresholds.gap_released:.3f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    for name, seconds in spent.items():
        print(f"{name}: {seconds:.1f} s")
    print(
        f"{people:,} people, {scales} scales of {items} items: "
        f"{sum(spent.values()):.1f} s, peak {peak:.2f} GB"
    )


if __name__ == "__main__":
    if sys.argv[1] == "measure":
        measure(*map(int, sys.argv[2:5]))
    else:
        subprocess.run([sys.executable, __file__, "measure", *sys.argv[1:4]], check=True)  # noqa: S603
