"""The gate of every fit: whether the sampler's output deserves to be read."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

MAXIMUM_RHAT = 1.01
MINIMUM_ESS = 400
MINIMUM_BFMI = 0.3


@dataclass(frozen=True)
class Diagnosis:
    """Worst values over all parameters, and the verdict.

    Attributes
    ----------
    rhat : float
        Largest rank-normalized split R-hat (Vehtari et al. 2021, eq. 14).
    ess_bulk, ess_tail : float
        Smallest bulk and tail effective sample sizes (same source, sec. 4).
    divergences : int
    bfmi : float
        Smallest energy Bayesian fraction of missing information (Betancourt 2016).
    seconds : float
        Sampling time.
    """

    rhat: float
    ess_bulk: float
    ess_tail: float
    divergences: int
    bfmi: float
    seconds: float

    @property
    def failures(self) -> list[str]:
        """The gates that are not passed, in words."""
        gates = [
            (self.rhat < MAXIMUM_RHAT, f"R-hat {self.rhat:.3f}, must be under {MAXIMUM_RHAT}"),
            (self.ess_bulk >= MINIMUM_ESS, f"bulk ESS {self.ess_bulk:.0f}, needs {MINIMUM_ESS}"),
            (self.ess_tail >= MINIMUM_ESS, f"tail ESS {self.ess_tail:.0f}, needs {MINIMUM_ESS}"),
            (self.divergences == 0, f"{self.divergences} divergences, must be 0"),
            (self.bfmi >= MINIMUM_BFMI, f"E-BFMI {self.bfmi:.2f}, needs {MINIMUM_BFMI}"),
        ]
        return [message for passed, message in gates if not passed]

    @property
    def flag(self) -> str | None:
        """What must stand beside every number of this fit; nothing if it passed."""
        return "fit failed its diagnosis: " + "; ".join(self.failures) if self.failures else None

    def as_records(self) -> list[tuple[str, float, str]]:
        """Name, value and unit of each diagnostic."""
        return [
            ("rhat", self.rhat, "ratio"),
            ("ess_bulk", self.ess_bulk, "draws"),
            ("ess_tail", self.ess_tail, "draws"),
            ("divergences", self.divergences, "transitions"),
            ("bfmi", self.bfmi, "ratio"),
            ("seconds", self.seconds, "s"),
        ]


def worst_of(found: list[Diagnosis]) -> Diagnosis:
    """Bring together the fits to several plausible values: every one of them must pass."""
    return Diagnosis(
        rhat=float(np.max([each.rhat for each in found])),
        ess_bulk=float(np.min([each.ess_bulk for each in found])),
        ess_tail=float(np.min([each.ess_tail for each in found])),
        divergences=sum(each.divergences for each in found),
        bfmi=float(np.min([each.bfmi for each in found])),
        seconds=sum(each.seconds for each in found),
    )


def diagnose(fit: xr.DataTree) -> Diagnosis:
    """Judge a fit by the worst of its parameters.

    A parameter whose diagnostic is not a number (a chain that did not move) fails the gate.

    Parameters
    ----------
    fit : xarray.DataTree
        Groups `posterior` and `sample_stats`.
    """
    import arviz_stats as az  # noqa: PLC0415 - a second, where draws are made

    posterior = fit["posterior"].to_dataset()

    def worst(values: xr.Dataset, pick: "np.ufunc") -> float:
        return float(pick.reduce([pick.reduce(v.to_numpy(), axis=None) for v in values.values()]))

    return Diagnosis(
        rhat=worst(az.rhat(posterior), np.maximum),
        ess_bulk=worst(az.ess(posterior, method="bulk"), np.minimum),
        ess_tail=worst(az.ess(posterior, method="tail"), np.minimum),
        divergences=int(fit["sample_stats"]["diverging"].sum()),
        bfmi=float(az.bfmi(fit)["energy"].min(skipna=False)),
        seconds=float(fit.attrs["seconds"]),
    )
