import numpy as np
import pytest
from graded_samples import FOCAL, REFERENCE, SLOPES, THRESHOLDS, as_answers, draw, two_groups
from scipy import integrate, optimize, special, stats

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import MISSING
from learning_with_others.psychometrics.response_models.curves import log_likelihood_on_grid
from learning_with_others.psychometrics.response_models.expectation import expectation
from learning_with_others.psychometrics.response_models.item_parameters import Structure
from learning_with_others.psychometrics.response_models.marginal import fit_response_model, maximize
from learning_with_others.psychometrics.response_models.marginal_problem import Problem
from learning_with_others.psychometrics.response_models.observed_information import (
    observed_information,
)

LABELS = (REFERENCE, FOCAL)
SAME_MAXIMUM = 1e-6  # of a log likelihood of hundreds: the search's tolerance is 1e-9
DIFFERENCE_STEP, DIFFERENCE_ERROR = 1e-5, 2e-6  # central differences, relative to the largest


@pytest.fixture(scope="module")
def small():
    rng = np.random.default_rng(3)
    codes = draw(rng.standard_normal(60), SLOPES[:3], THRESHOLDS[:3, :2], rng)
    codes[::7, 1] = MISSING
    return as_answers(codes)


@pytest.fixture(scope="module")
def compared():
    answers, group = two_groups(300, shift={1: 0.5})
    answers.codes[::11, 2] = MISSING
    return answers, group


def brute_force(codes, slopes, intercepts):
    """Marginal log likelihood by adaptive quadrature, person by person, from the definition."""
    total = 0.0
    for row, people in zip(*np.unique(codes, axis=0, return_counts=True), strict=True):

        def integrand(trait, row=row):
            product = stats.norm.pdf(trait)
            for code, slope, d in zip(row, slopes, intercepts, strict=True):
                if code != MISSING:
                    bounds = np.concatenate([[1.0], special.expit(slope * trait + d), [0.0]])
                    product *= bounds[code] - bounds[code + 1]
            return product

        total += people * np.log(integrate.quad(integrand, -8, 8, epsabs=1e-10)[0])
    return total


def test_the_likelihood_is_the_integral_over_the_trait(small):
    fit = fit_response_model(small)
    found = fit.parameters["everyone"]
    expected = brute_force(small.codes, found.slopes, found.intercepts)
    # The grid ends at 6 SDs, beyond which lies 2e-9 of the density.
    assert fit.log_likelihood == pytest.approx(expected, abs=1e-5)
    assert fit.converged


def test_no_other_optimizer_finds_a_higher_likelihood(small):
    fit = fit_response_model(small)
    nodes = np.linspace(-8, 8, 321)
    weights = stats.norm.pdf(nodes) / stats.norm.pdf(nodes).sum()

    def unpack(free):
        slopes, first, fall = free.reshape(3, 3)
        return slopes, np.column_stack([first, first - np.exp(fall)])

    def minus(free):
        slopes, intercepts = unpack(free)
        product = np.ones((len(small.codes), len(nodes)))
        for item in range(3):
            curves = special.expit(slopes[item] * nodes + intercepts[item][:, None])
            bounds = np.vstack([np.ones(321), curves, np.zeros(321)])
            code = small.codes[:, item]
            chosen = bounds[code] - bounds[code + 1]
            product *= np.where((code == MISSING)[:, None], 1.0, chosen)
        return -np.log(product @ weights).sum()

    start = np.concatenate([np.ones(3), np.ones(3), np.zeros(3)])
    best = optimize.minimize(minus, start, method="BFGS", options={"gtol": 1e-6})
    # The two grids agree to 1e-5 at these slopes.
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=1e-4)
    slopes, intercepts = unpack(best.x)
    found = fit.parameters["everyone"]
    # The likelihood is flat to second order: 1e-4 in it is a hundredth in a slope.
    np.testing.assert_allclose(found.slopes, slopes, atol=0.02)
    np.testing.assert_allclose(found.intercepts, intercepts, atol=0.02)


@pytest.mark.parametrize(
    ("family", "link"),
    [("graded", "logit"), ("graded", "probit"), ("partial_credit", "logit")],
)
def test_score_and_information_are_derivatives_of_the_likelihood(compared, family, link):
    answers, group = compared
    problem = Problem.of(answers, group, LABELS, family=family, link=link)
    fit = maximize(problem, Structure(free_means=True, free_standard_deviations=True))
    shape, size = fit.full.shape, fit.full.size
    point = fit.full + 0.02 * np.cos(np.arange(size)).reshape(shape)  # away from the maximum

    def at(flat):
        return expectation(problem, flat.reshape(shape))

    steps = DIFFERENCE_STEP * np.eye(size)
    above, below = ([at(point.ravel() + s * step) for step in steps] for s in (1, -1))
    score = [
        (a.log_likelihood - b.log_likelihood) / (2 * DIFFERENCE_STEP)
        for a, b in zip(above, below, strict=True)
    ]
    state = at(point.ravel())
    scale = np.abs(state.gradient).max()
    np.testing.assert_allclose(state.gradient.ravel(), score, atol=DIFFERENCE_ERROR * scale)
    hessian = np.array(
        [
            (a.gradient - b.gradient).ravel() / (2 * DIFFERENCE_STEP)
            for a, b in zip(above, below, strict=True)
        ]
    )
    information = observed_information(problem, state)
    half = size // 2
    scale = np.abs(hessian).max()
    for number, part in enumerate((slice(0, half), slice(half, size))):
        np.testing.assert_allclose(
            information[number], -hessian[part, part], atol=DIFFERENCE_ERROR * scale
        )


def test_partial_credit_expects_as_many_of_each_answer_as_were_given(small):
    """The likelihood equations of an exponential family, in closed form (Masters 1982)."""
    fit = fit_response_model(small, family="partial_credit")
    problem = fit.problem
    state = expectation(problem, fit.full)
    curves = state.curves[0]
    for item in range(3):
        answered = state.counts[0][item].sum(axis=0)
        expected = curves.probability[item] @ answered
        given = small.codes[:, item][small.codes[:, item] != MISSING]
        np.testing.assert_allclose(expected, np.bincount(given, minlength=3), atol=1e-4)


def test_partial_credit_is_the_brute_force_maximum_over_its_own_curves(small):
    fit = fit_response_model(small, family="partial_credit")
    nodes = np.linspace(-8, 8, 321)
    weights = stats.norm.pdf(nodes) / stats.norm.pdf(nodes).sum()

    def minus(free):
        steps = np.concatenate([np.zeros((3, 1)), free[1:].reshape(3, 2)], axis=1)
        sums = np.cumsum(steps, axis=1)[..., None] + np.arange(3)[:, None] * free[0] * nodes
        logs = special.log_softmax(sums, axis=1)
        total = np.zeros((len(small.codes), len(nodes)))
        for item in range(3):
            code = small.codes[:, item]
            total += np.where((code == MISSING)[:, None], 0.0, logs[item][code])
        return -np.log(np.exp(total) @ weights).sum()

    best = optimize.minimize(minus, np.concatenate([[1.0], np.zeros(6)]), method="BFGS")
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=1e-4)


def test_the_rating_scale_is_partial_credit_with_the_same_steps_for_all_items(small):
    rating = fit_response_model(small, family="rating_scale")
    credit = fit_response_model(small, family="partial_credit")
    assert rating.log_likelihood < credit.log_likelihood
    assert (rating.free_parameters, credit.free_parameters) == (1 + 3 + 1, 1 + 3 * 2)
    found = rating.parameters["everyone"].intercepts
    steps = found - found.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(steps, np.tile(steps[0], (3, 1)), atol=1e-10)


def test_dichotomous_partial_credit_and_graded_response_of_one_slope_are_the_rasch_model():
    rng = np.random.default_rng(5)
    answers = as_answers(draw(rng.standard_normal(400), np.full(4, 1.3), np.zeros((4, 1)), rng))
    credit = fit_response_model(answers, family="partial_credit")
    graded = fit_response_model(answers, structure=Structure(one_slope=True))
    assert credit.log_likelihood == pytest.approx(graded.log_likelihood, abs=SAME_MAXIMUM)


def test_mean_spread_and_parameters_of_a_large_sample_come_back():
    answers, group = two_groups(4000, gap=-0.4, standard_deviation=1.2)
    fit = fit_response_model(answers, group=group, labels=LABELS)
    # Standard errors at this size are about .03.
    assert fit.means[FOCAL] == pytest.approx(-0.4, abs=0.1)
    assert fit.standard_deviations[FOCAL] == pytest.approx(1.2, abs=0.1)
    np.testing.assert_allclose(fit.parameters[REFERENCE].slopes, SLOPES, atol=0.2)
    np.testing.assert_allclose(fit.parameters[REFERENCE].thresholds, THRESHOLDS, atol=0.2)
    assert fit.means[REFERENCE] == 0
    assert fit.standard_deviations[REFERENCE] == 1


def test_the_configural_model_is_the_two_groups_apart(compared):
    answers, group = compared
    every = frozenset(range(5))
    both = fit_response_model(
        answers, group=group, labels=LABELS, structure=Structure(every, every)
    )
    apart = [
        fit_response_model(answers, group=group, labels=(label,)).log_likelihood for label in LABELS
    ]
    assert both.log_likelihood == pytest.approx(sum(apart), abs=SAME_MAXIMUM)


def test_a_search_from_another_model_ends_at_the_same_maximum(compared):
    answers, group = compared
    cold = fit_response_model(answers, group=group, labels=LABELS)
    every = frozenset(range(5))
    other = maximize(cold.problem, Structure(every, every))
    warm = maximize(cold.problem, cold.structure, other)
    assert warm.log_likelihood == pytest.approx(cold.log_likelihood, abs=SAME_MAXIMUM)


def test_the_same_answers_give_the_same_digits(compared):
    answers, group = compared
    whole = fit_response_model(answers, group=group, labels=LABELS)
    again = fit_response_model(answers, group=group, labels=LABELS)
    assert (whole.full == again.full).all()


def test_rows_without_answers_count_for_nothing(small):
    codes = np.vstack([small.codes, np.full((5, 3), MISSING)]).astype(np.int16)
    fit, without = fit_response_model(as_answers(codes)), fit_response_model(small)
    assert fit.people == 60
    assert fit.log_likelihood == without.log_likelihood


def test_two_items_get_one_slope_and_a_flag(small):
    fit = fit_response_model(as_answers(small.codes[:, [0, 2]]))
    first, second = fit.parameters["everyone"].slopes
    assert first == second
    assert "two items" in fit.flags[0]


def test_items_that_repeat_each_other_are_flagged(small):
    codes = np.column_stack([small.codes[:, 0], small.codes[:, 0], small.codes[:, 2]])
    fit = fit_response_model(as_answers(np.repeat(codes, 3, axis=0)))
    assert any("q1" in flag for flag in fit.flags)
    assert np.isfinite(fit.log_likelihood)


def test_an_item_that_is_keyed_the_wrong_way_is_flagged():
    rng = np.random.default_rng(9)
    codes = draw(rng.standard_normal(500), SLOPES, THRESHOLDS, rng)
    codes[:, 3] = 3 - codes[:, 3]
    assert (
        "q4: negative slope, check whether it is keyed"
        in fit_response_model(as_answers(codes)).flags
    )


def test_few_people_are_flagged_and_a_handful_refused(small, compared):
    assert "few answers: everyone has fewer than 100 people" in fit_response_model(small).flags
    answers, _ = compared
    lonely = np.where(np.arange(600) < 3, "three", REFERENCE).astype(object)
    with pytest.raises(CompendiumError, match=r"'three'.*3 people answered"):
        fit_response_model(answers, group=lonely, labels=(REFERENCE, "three"))


def test_one_item_is_refused(small):
    with pytest.raises(CompendiumError, match="one item does not identify a trait"):
        fit_response_model(as_answers(small.codes[:, :1]))


def test_a_rating_scale_needs_items_of_the_same_length(small):
    codes = small.codes.copy()
    codes[:, 2] = np.minimum(codes[:, 2], 1)
    with pytest.raises(CompendiumError, match="items have 2, 3 categories"):
        fit_response_model(as_answers(codes), family="rating_scale")


def test_the_fit_is_at_the_parameters_it_reports(compared):
    """The likelihood from the public parameters and the normal density is the fit's."""
    answers, group = compared
    fit = fit_response_model(answers, group=group, labels=LABELS)
    total = 0.0
    for label, parameters in fit.parameters.items():
        rows = answers.rows(group == label)
        density = stats.norm.pdf(fit.problem.grid, fit.means[label], fit.standard_deviations[label])
        logs = log_likelihood_on_grid(rows, parameters, fit.problem.grid)
        total += special.logsumexp(logs + np.log(density / density.sum()), axis=1).sum()
    assert total == pytest.approx(fit.log_likelihood, abs=SAME_MAXIMUM)
