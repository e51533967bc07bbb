import numpy as np
import pytest
import statsmodels.api as sm

from learning_with_others.inference.cluster_robust import least_squares_cr2


def definition(outcome, columns, cluster):
    """CR2 and its degrees of freedom written out with matrices of the size of the data."""
    n, p = columns.shape
    bread = np.linalg.inv(columns.T @ columns)
    hat = columns @ bread @ columns.T
    residual = outcome - hat @ outcome
    variance, vectors = np.zeros((p, p)), []
    for label in np.unique(cluster):
        mine = cluster == label
        values, basis = np.linalg.eigh(np.eye(mine.sum()) - hat[np.ix_(mine, mine)])
        root = np.where(values > 1e-10, 1 / np.sqrt(np.clip(values, 1e-10, None)), 0)
        part = bread @ columns[mine].T @ ((basis * root) @ basis.T)
        variance += np.outer(part @ residual[mine], part @ residual[mine])
        vectors.append((np.eye(n) - hat)[:, mine] @ part.T)
    freedom = []
    for k in range(p):
        gram = np.array([[a[:, k] @ b[:, k] for a in vectors] for b in vectors])
        freedom.append(np.trace(gram) ** 2 / np.sum(gram**2))
    return np.sqrt(np.diag(variance)), np.array(freedom)


@pytest.fixture
def data():
    rng = np.random.default_rng(5)
    cluster = rng.integers(0, 9, 60)
    columns = np.column_stack([np.ones(60), rng.normal(size=60), cluster < 4])
    return rng.normal(size=60) + rng.normal(size=9)[cluster], columns, cluster


def test_errors_and_freedom_equal_the_definition(data):
    fit = least_squares_cr2(*data)
    errors, freedom = definition(*data)
    np.testing.assert_allclose(fit.standard_error, errors, rtol=1e-9)
    np.testing.assert_allclose(fit.degrees_of_freedom, freedom, rtol=1e-9)
    np.testing.assert_allclose(fit.estimate, sm.OLS(data[0], data[1]).fit().params, rtol=1e-9)


def test_clusters_that_a_fixed_effect_fits_alone_use_the_generalized_inverse(data):
    outcome, columns, cluster = data
    dummies = (cluster[:, None] == np.arange(9)).astype(float)
    with_dummies = np.column_stack([columns[:, 1], dummies])
    fit = least_squares_cr2(outcome, with_dummies, cluster)
    errors, freedom = definition(outcome, with_dummies, cluster)
    assert fit.standard_error[0] == pytest.approx(errors[0])
    assert fit.degrees_of_freedom[0] == pytest.approx(freedom[0])


def test_clusters_of_one_give_hc2(data):
    outcome, columns, _ = data
    fit = least_squares_cr2(outcome, columns, np.arange(60))
    hc2 = sm.OLS(outcome, columns).fit(cov_type="HC2").bse
    np.testing.assert_allclose(fit.standard_error, hc2, rtol=1e-9)


def test_two_groups_of_singletons_have_the_closed_form_freedom():
    n = np.array([4, 11])
    columns = np.column_stack([np.repeat([1.0, 0.0], n), np.ones(15)])
    outcome = np.random.default_rng(6).normal(size=15)
    fit = least_squares_cr2(outcome, columns, np.arange(15))
    # Satterthwaite for the difference of two means under equal variances.
    closed = (1 / n).sum() ** 2 / (1 / (n**2 * (n - 1))).sum()
    assert fit.degrees_of_freedom[0] == pytest.approx(closed)


def test_intervals_cover_when_there_are_few_uneven_clusters():
    rng = np.random.default_rng(7)
    cluster = np.repeat(np.arange(14), [3, 4, 5, 30, 6, 3, 12, 8, 3, 25, 4, 7, 3, 10])
    columns = np.column_stack([cluster % 3 == 0, np.ones(len(cluster))]).astype(float)
    covered = 0
    for _ in range(1000):
        outcome = rng.normal(size=len(cluster)) + 0.7 * rng.normal(size=14)[cluster]
        lower, upper = least_squares_cr2(outcome, columns, cluster).interval(0.95)
        covered += lower[0] <= 0 <= upper[0]
    # The working model (identity) is not the truth, so freedom is approximate: at least 93%,
    # and no more than 98.5%; 1.96 × HC1 errors would cover about 70% here.
    assert 930 <= covered <= 985


def test_collinear_columns_are_an_error():
    columns = np.ones((5, 2))
    with pytest.raises(np.linalg.LinAlgError, match="collinear"):
        least_squares_cr2(np.arange(5.0), columns, np.arange(5))
