"""Graded answers drawn from known parameters, for two groups."""

import numpy as np

from learning_with_others.psychometrics.answers import Answers

SLOPES = np.array([1.0, 1.5, 2.0, 1.2, 1.7])
THRESHOLDS = np.array([[-1.5, -0.2, 1.0]]) + np.linspace(-0.4, 0.4, 5)[:, None]
FOCAL, REFERENCE = "focal", "reference"


def draw(trait, slopes, thresholds, rng):
    """Codes 0, 1, … of a logistic graded response; thresholds (k, C − 1) or (n, k, C − 1)."""
    latent = trait[:, None] + rng.logistic(size=(len(trait), len(slopes))) / slopes
    return (latent[..., None] > thresholds).sum(axis=-1).astype(np.int16)


def as_answers(codes, categories=None):
    names = tuple(f"q{number + 1}" for number in range(codes.shape[1]))
    return Answers(names, codes, codes.max(axis=0) + 1 if categories is None else categories)


def two_groups(people, *, gap=-0.4, standard_deviation=1.2, shift=None, slope=None, seed=1):
    """Answers of `people` in each group; `shift` and `slope` say how items differ, by position."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.array([REFERENCE, FOCAL], dtype=object), people)
    focal = group == FOCAL
    trait = rng.standard_normal(2 * people) * np.where(focal, standard_deviation, 1) + gap * focal
    slopes = np.tile(SLOPES, (2 * people, 1))
    thresholds = np.tile(THRESHOLDS, (2 * people, 1, 1))
    for item, size in (shift or {}).items():
        thresholds[focal, item] += size
    for item, factor in (slope or {}).items():
        slopes[focal, item] *= factor
    latent = trait[:, None] + rng.logistic(size=slopes.shape) / slopes
    return as_answers((latent[..., None] > thresholds).sum(axis=-1).astype(np.int16)), group
