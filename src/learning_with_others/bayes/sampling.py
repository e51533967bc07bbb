"""Compile a design once, fit many outcomes, and keep fits between runs."""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import nutpie
import xarray as xr

from learning_with_others.bayes.design import Design, PriorScales
from learning_with_others.bayes.gaussian import gaussian_model


@dataclass(frozen=True)
class Sampler:
    """Settings of the No-U-Turn sampler.

    Attributes
    ----------
    chains, tune, draws : int
        Chains, and warm-up and kept draws in each.
    target_accept : float
    seed : int
    """

    seed: int
    chains: int = 4
    tune: int = 1000
    draws: int = 2000
    target_accept: float = 0.99


def fit_outcomes(
    design: Design,
    outcomes: Mapping[str, np.ndarray],
    priors: PriorScales,
    sampler: Sampler,
    folder: Path,
) -> dict[str, xr.DataTree]:
    """Fit the Gaussian model to each outcome, compiling at most once.

    A fit is kept in `folder` under a key of everything it depends on: design, outcome, priors,
    sampler, this package's model code, and the versions of the libraries. A fit with the same
    key is read, not sampled again.

    Parameters
    ----------
    outcomes : mapping of str to ndarray, shape (n,)
        Outcomes on the standardized scale.
    folder : path
        Where fits are kept.

    Returns
    -------
    dict of str to xarray.DataTree
        Groups `posterior` and `sample_stats`; attribute `seconds` is the sampling time.

    Raises
    ------
    KeyboardInterrupt
        If sampling was interrupted; a fit cut short is not kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    compiled = None
    fits: dict[str, xr.DataTree] = {}
    for name, outcome in outcomes.items():
        path = folder / f"{name}-{fit_key(design, outcome, priors, sampler)[:16]}.nc"
        if not path.exists():
            if compiled is None:
                compiled = nutpie.compile_pymc_model(gaussian_model(design, priors))
            started = time.perf_counter()
            fit = nutpie.sample(
                compiled.with_data(outcome=outcome),
                seed=sampler.seed,
                chains=sampler.chains,
                tune=sampler.tune,
                draws=sampler.draws,
                target_accept=sampler.target_accept,
                save_warmup=False,
                progress_bar=False,
            )
            seconds = time.perf_counter() - started
            _stop_if_cut_short(fit, sampler)
            kept = xr.DataTree.from_dict(
                {
                    "/posterior": fit["posterior"].to_dataset(),
                    "/sample_stats": fit["sample_stats"].to_dataset()[["diverging", "energy"]],
                }
            )
            kept.attrs["seconds"] = seconds
            beside = path.with_suffix(".partial")
            kept.to_netcdf(beside, engine="netcdf4")
            beside.replace(path)
        with xr.open_datatree(path, engine="netcdf4") as stored:
            fits[name] = stored.load()
    return fits


def _stop_if_cut_short(fit: xr.DataTree, sampler: Sampler) -> None:
    """Raise if draws are missing: interrupted, nutpie returns what it has, padded with NaN."""
    energy = fit["sample_stats"]["energy"].to_numpy()
    if energy.shape != (sampler.chains, sampler.draws) or not np.isfinite(energy).all():
        raise KeyboardInterrupt("sampling ended before its last draw")


def fit_key(design: Design, outcome: np.ndarray, priors: PriorScales, sampler: Sampler) -> str:
    """Digest of all that determines a fit."""
    digest = hashlib.sha256()
    for array in (design.columns, outcome, *(grouping.index for grouping in design.groupings)):
        digest.update(np.ascontiguousarray(array).tobytes())
    names = [design.terms, [(g.name, g.labels, g.slopes) for g in design.groupings]]
    versions = {package: version(package) for package in ("pymc", "nutpie", "numpy")}
    settings = [names, asdict(priors), asdict(sampler), versions]
    digest.update(json.dumps(settings, sort_keys=True).encode())
    for source in ("gaussian.py", "sampling.py"):
        digest.update((Path(__file__).parent / source).read_bytes())
    return digest.hexdigest()
