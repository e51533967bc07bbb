"""Latent traits of a synthetic study, and the slopes by which they follow from one another."""

from itertools import pairwise, product
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from learning_with_others.errors import suggest
from learning_with_others.study.section import Section

DEFAULT = "default"
Share = Annotated[float, Field(ge=0, le=1)]


class Latent(Section):
    """A latent trait, standard normal in the reference group.

    `classroom` and `school` are shares of its variance; `gaps` are a group's mean minus the
    reference group's (0 where not named).
    """

    classroom: Share
    school: Share
    gaps: dict[str, float]

    @model_validator(mode="after")
    def _students_differ(self) -> "Latent":
        if self.classroom + self.school >= 1:
            raise ValueError("classroom and school leave no variance to students")
        return self


class Varying(Section):
    """Links of one path whose slopes differ between classrooms, jointly normal.

    `sd` has one standard deviation for each link; `correlation` is that of every two links.
    """

    path: Annotated[list[str], Field(min_length=2)]
    sd: list[Annotated[float, Field(ge=0)]]
    correlation: Annotated[float, Field(gt=-1, lt=1)] = 0.0

    @model_validator(mode="after")
    def _one_standard_deviation_for_each_link(self) -> "Varying":
        if len(self.sd) != len(self.links):
            raise ValueError(f"sd: {len(self.sd)} of them for {len(self.links)} links")
        # Of three links and more, all cannot correlate below -1 / (links - 1).
        if 1 + (len(self.links) - 1) * self.correlation <= 0:
            raise ValueError(f"correlation: {len(self.links)} links cannot all correlate so")
        return self

    @property
    def links(self) -> list[tuple[str, str]]:
        """Predictor and outcome of each link."""
        return list(pairwise(self.path))

    @property
    def root(self) -> np.ndarray:
        """What turns independent standard normals into the links' deviations."""
        count = len(self.links)
        correlation = np.full((count, count), self.correlation)
        np.fill_diagonal(correlation, 1)
        return np.array(self.sd)[:, None] * np.linalg.cholesky(correlation)

    @property
    def covariance(self) -> np.ndarray:
        """Covariance matrix of the slopes between classrooms."""
        return self.root @ self.root.T


class LatentPaths(Section):
    """Latents in causal order, and the slope of each on latents before it (0 if not named).

    Slopes are in units of the latents, on deviations within classrooms. A slope by group holds,
    under `default`, that of the reference group and of every group not named.
    """

    latents: dict[str, Latent]
    paths: dict[str, dict[str, float | dict[str, float]]]
    residual_correlations: dict[str, dict[str, Annotated[float, Field(gt=-1, lt=1)]]] = {}
    varying: Varying | None = None

    @model_validator(mode="after")
    def _paths_lead_onward(self) -> "LatentPaths":
        for key in ("paths", "residual_correlations"):
            for outcome, others in getattr(self, key).items():
                if outcome not in self.latents:
                    known = suggest(outcome, self.latents)
                    raise ValueError(f"{key}: {outcome!r} is unknown; {known}")
                before = list(self.latents)[: self._position(outcome)]
                if wrong := [other for other in others if other not in before]:
                    known = suggest(wrong[0], before)
                    raise ValueError(
                        f"{key}.{outcome}: {wrong[0]!r} does not come before it; {known}"
                    )
        for outcome, slopes in self.paths.items():
            for predictor, slope in slopes.items():
                if isinstance(slope, dict) and DEFAULT not in slope:
                    raise ValueError(f"paths.{outcome}.{predictor}: {DEFAULT!r} is missing")
        for predictor, outcome in self.varying.links if self.varying else ():
            if predictor not in self.paths.get(outcome, {}):
                raise ValueError(f"varying.path: paths.{outcome}.{predictor} is missing")
        return self

    @model_validator(mode="after")
    def _something_is_left_to_residuals(self) -> "LatentPaths":
        named = np.zeros((len(self.latents), len(self.latents)))
        for outcome, slopes in self.paths.items():
            named[self._position(outcome), [self._position(x) for x in slopes]] = 1
        leads = np.rint(np.linalg.inv(np.eye(len(named)) - named)) > 0  # numbers of paths
        for outcome, others in self.residual_correlations.items():
            for other in others:
                if leads[self._position(outcome), self._position(other)]:
                    raise ValueError(
                        f"residual_correlations.{outcome}.{other}: paths lead from the one to the "
                        f"other; give a slope or a correlation"
                    )
        residuals = self.residual_covariance
        for name, variance in zip(self.latents, np.diag(residuals), strict=True):
            if variance <= 0:
                raise ValueError(f"paths.{name}: they explain more than the variance of students")
        if np.linalg.eigvalsh(residuals).min() <= 0:
            raise ValueError("residual_correlations: no latents can be correlated so")
        return self

    def slopes(self, group: str = DEFAULT) -> np.ndarray:
        """Mean slopes in a group, of each latent (row) on those before it (columns)."""
        matrix = np.zeros((len(self.latents), len(self.latents)))
        for outcome, slopes in self.paths.items():
            for predictor, slope in slopes.items():
                own = slope if isinstance(slope, dict) else {DEFAULT: slope}
                place = self._position(outcome), self._position(predictor)
                matrix[place] = own.get(group, own[DEFAULT])
        return matrix

    @property
    def varying_links(self) -> list[tuple[int, int]]:
        """Positions of predictor and outcome of each link that differs between classrooms."""
        links = self.varying.links if self.varying else []
        return [
            (self._position(predictor), self._position(outcome)) for predictor, outcome in links
        ]

    @property
    def varying_root(self) -> np.ndarray:
        """What turns independent standard normals into deviations of these links' slopes."""
        return self.varying.root if self.varying else np.zeros((0, 0))

    @property
    def residual_covariance(self) -> np.ndarray:
        """Covariances of what paths leave to students, the same in every group."""
        return self._moments[0]

    @property
    def correlation(self) -> np.ndarray:
        """Correlation matrix of the latents in the reference group, the same at every level."""
        covariance = self._moments[1]
        sd = np.sqrt(np.diag(covariance))
        return covariance / np.outer(sd, sd)

    @property
    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        correlation = np.eye(len(self.latents))
        for outcome, others in self.residual_correlations.items():
            for other, value in others.items():
                row, column = self._position(outcome), self._position(other)
                correlation[row, column] = correlation[column, row] = value
        shares = np.array([1 - trait.classroom - trait.school for trait in self.latents.values()])
        return solve_moments(
            self.slopes(), shares, correlation, self.varying_links, self.varying_root
        )

    def _position(self, name: str) -> int:
        return list(self.latents).index(name)


def solve_moments(
    slopes: np.ndarray,
    variances: np.ndarray,
    correlation: np.ndarray,
    links: list[tuple[int, int]],
    root: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Residual covariances that give latents the declared variances, and what then covaries.

    A recursive path model (Wright 1934, Annals of Mathematical Statistics 5, 161–215): given
    slopes B and residual covariances Ψ, latents have covariances (I − B)⁻¹ Ψ (I − B)⁻ᵀ. Slopes
    that vary are averaged over by Gauss–Hermite quadrature, exactly: all is polynomial in them.

    Parameters
    ----------
    slopes : ndarray, shape (latents, latents)
        Of each outcome (row) on those before it (columns).
    variances : ndarray, shape (latents,)
        Of each latent, slopes that vary included.
    correlation : ndarray, shape (latents, latents)
        Correlations of the residuals.
    links : list of (predictor, outcome)
        Positions of slopes that vary.
    root : ndarray, shape (links, links)
        Times its transpose, the covariance matrix of these slopes.

    Returns
    -------
    residuals, covariance : ndarray, shape (latents, latents)
        A residual variance is not positive where the paths explain more than there is.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(len(links) + 1)
    points = np.array(list(product(nodes, repeat=len(links)))) @ root.T
    weights = np.array([np.prod(w) for w in product(weights / weights.sum(), repeat=len(links))])
    varied = np.repeat(slopes[None], len(points), axis=0)
    for (predictor, outcome), deviation in zip(links, points.T, strict=True):
        varied[:, outcome, predictor] += deviation
    totals = np.linalg.inv(np.eye(len(slopes)) - varied)

    def covariance() -> np.ndarray:
        return np.einsum("p,pij,jk,plk->il", weights, totals, residuals, totals)

    residuals = np.zeros_like(slopes)
    for row, variance in enumerate(variances):
        residuals[row, row] = variance - covariance()[row, row]
        sd = np.sqrt(np.maximum(np.diag(residuals), 0))
        residuals[row, :row] = residuals[:row, row] = correlation[row, :row] * sd[:row] * sd[row]
    return residuals, covariance()
