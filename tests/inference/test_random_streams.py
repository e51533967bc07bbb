"""Every fit of a study draws from a stream of its own."""

import ast

import numpy as np
from conftest import ROOT
from scipy import stats

from learning_with_others.inference.random_streams import seed_of


def test_streams_of_other_words_have_other_numbers():
    keys = [("gpa",), ("identification",), ("gpa", 1), ("gpa", 2), ("apg",)]
    seeds = [seed_of(1, *key) for key in keys] + [seed_of(2, *key) for key in keys]
    assert len(set(seeds)) == len(seeds)
    first, other = (np.random.default_rng(seed).normal(size=10_000) for seed in seeds[:2])
    # Under independence, one correlation in a thousand lies beyond 3.3 / 100.
    assert abs(stats.pearsonr(first, other).statistic) < 0.033


def _fits_with_the_seed_of_all(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Sampler":
            given = [*node.args, *(each.value for each in node.keywords)]
            yield from (each for each in given if ast.unparse(each).endswith("analysis.seed"))


def test_no_fit_takes_the_seed_that_all_would_share():
    source = ROOT / "src/learning_with_others"
    shared = [path for path in source.rglob("*.py") if list(_fits_with_the_seed_of_all(path))]
    assert not shared
