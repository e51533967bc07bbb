import numpy as np
import pytest
from conftest import ROOT

from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.data.scoring import key_items
from learning_with_others.measurement.alpha import EVERYONE, construct_alpha
from learning_with_others.study import load_study


def test_alpha_is_the_closed_form_on_complete_keyed_rows():
    study = load_study(ROOT / "data/learning-with-others")
    students = read_study(study).students
    columns = codebook_of(study)["students"]
    found = construct_alpha(students, study, columns).set_index(["construct", "group"])
    items = study.constructs["belonging"].items
    keyed = key_items(students, study.constructs["belonging"], columns)[items].dropna()
    covariance = np.cov(keyed.T)
    k = len(items)
    closed = k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())
    row = found.loc[("belonging", EVERYONE)]
    assert row["alpha"] == pytest.approx(closed, abs=1e-9)
    assert row["children"] == len(keyed)
    # Feldt: (1 − alpha) / (1 − population alpha) follows F(n − 1, (n − 1)(k − 1)).
    from scipy import stats  # noqa: PLC0415

    n = len(keyed)
    lower = 1 - (1 - closed) * stats.f.ppf(0.975, n - 1, (n - 1) * (k - 1))
    assert row["lower"] == pytest.approx(lower, abs=2e-3)  # pingouin rounds to three decimals
