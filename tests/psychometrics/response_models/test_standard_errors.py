import numpy as np
import pytest
from graded_samples import FOCAL, REFERENCE, as_answers, two_groups
from scipy import stats

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import Answers
from learning_with_others.psychometrics.response_models.expectation import expectation
from learning_with_others.psychometrics.response_models.marginal import fit_response_model
from learning_with_others.psychometrics.response_models.standard_errors import (
    covariance,
    delta_method,
    moments,
)

LABELS = (REFERENCE, FOCAL)
STEP, DIFFERENCES = 1e-4, 1e-4  # second differences of a log likelihood lose half its digits
SAME = 1e-5  # a maximum found twice, to the search's tolerance


@pytest.fixture(scope="module")
def fit():
    answers, group = two_groups(250)
    return fit_response_model(answers, group=group, labels=LABELS)


@pytest.fixture(scope="module")
def cluster():
    return np.arange(500) % 40


def test_model_based_errors_invert_the_numerical_hessian_of_the_likelihood(fit):
    free = fit.constraints.project(fit.full)

    def at(point):
        return expectation(fit.problem, fit.constraints.full(point)).log_likelihood

    steps, hessian = STEP * np.eye(len(free)), np.zeros((len(free), len(free)))
    for i, a in enumerate(steps):
        for j, b in enumerate(steps[: i + 1]):
            corners = at(free + a + b) - at(free + a - b) - at(free - a + b) + at(free - a - b)
            hessian[i, j] = hessian[j, i] = corners / (4 * STEP**2)
    expected = np.sqrt(np.diag(np.linalg.inv(-hessian)))
    found = np.sqrt(np.diag(covariance(fit.constraints, moments(fit))))
    np.testing.assert_allclose(found, expected, rtol=DIFFERENCES)


def test_everyone_twice_in_a_cluster_of_two_is_everyone_once_alone(fit):
    """The sandwich sees that copies bring nothing; the model-based error does not."""
    answers, group = two_groups(250)
    twice = Answers(answers.items, np.repeat(answers.codes, 2, axis=0), answers.categories)
    double = fit_response_model(twice, group=np.repeat(group, 2), labels=LABELS)
    np.testing.assert_allclose(double.full, fit.full, atol=SAME)
    alone = covariance(fit.constraints, moments(fit, np.arange(500)))
    paired = covariance(double.constraints, moments(double, np.repeat(np.arange(500), 2)))
    np.testing.assert_allclose(paired, alone, rtol=1e-3, atol=1e-8)
    halved = covariance(double.constraints, moments(double))
    np.testing.assert_allclose(
        2 * halved, covariance(fit.constraints, moments(fit)), rtol=1e-3, atol=1e-8
    )


def test_the_sandwich_is_the_textbook_formula(fit, cluster):
    """Scores of clusters from numerical derivatives of each cluster's own likelihood."""
    answers, group = two_groups(250)
    free = fit.constraints.project(fit.full)
    scores = []
    for name in np.unique(cluster):
        mine = cluster == name
        gradient = np.zeros(len(free))
        for label_place, label in enumerate(LABELS):
            rows = mine & (group == label)
            if not rows.any():
                continue
            # Enough copies that the group is large enough to be a problem of its own.
            copies = Answers(
                answers.items, np.repeat(answers.codes[rows], 30, axis=0), answers.categories
            )
            one = type(fit.problem).of(
                copies, np.full(len(copies.codes), label, dtype=object), (label,)
            )
            part = np.zeros_like(fit.full)
            part[label_place] = expectation(one, fit.full[[label_place]]).gradient[0] / 30
            gradient += fit.constraints.gradient(part)
        scores.append(gradient)
    scores = np.array(scores)
    bread = covariance(fit.constraints, moments(fit))
    expected = bread @ scores.T @ scores @ bread * 40 / 39
    np.testing.assert_allclose(
        covariance(fit.constraints, moments(fit, cluster)), expected, rtol=1e-6, atol=1e-12
    )


def test_delta_method_of_a_threshold_is_its_closed_form(fit):
    """Var(−d/a) = (Var d + b² Var a + 2 b Cov(a, d)) / a²."""
    taken = moments(fit)
    most = fit.problem.most_categories
    found = delta_method(fit, taken, lambda full: np.array([-full[0, 1] / full[0, 0]]))
    design = fit.constraints.design[[0, 1]]
    ((aa, ad), (_, dd)) = design @ (design @ covariance(fit.constraints, taken)).T
    slope, intercept = fit.full[0, 0], fit.full[0, 1]
    threshold = -intercept / slope
    variance = (dd + threshold**2 * aa + 2 * threshold * ad) / slope**2
    assert most == 4
    assert found.standard_error[0] == pytest.approx(np.sqrt(variance), rel=1e-7)


def test_intervals_are_normal_for_people_and_t_for_clusters(fit, cluster):
    def mean(full):
        return full[1, [-2]]

    people = delta_method(fit, moments(fit), mean, probability=0.9)
    assert people.half_width == pytest.approx(stats.norm.ppf(0.95))
    clusters = delta_method(fit, moments(fit, cluster), mean, probability=0.9)
    assert clusters.half_width == pytest.approx(stats.t.ppf(0.95, 39))
    np.testing.assert_allclose(clusters.upper + clusters.lower, 2 * clusters.value)


def test_one_cluster_is_refused(fit):
    with pytest.raises(CompendiumError, match="all people are in one cluster, 'A'"):
        moments(fit, np.full(500, "A"))


def test_a_model_that_is_not_identified_has_no_standard_errors():
    rng = np.random.default_rng(2)
    answers = as_answers(rng.integers(0, 2, (100, 2)).astype(np.int16))
    fit = fit_response_model(answers)
    taken = moments(fit)
    singular = type(taken)(np.zeros_like(taken.information), None)
    assert np.isnan(covariance(fit.constraints, singular)).all()
