"""Compile an explicit model once, fit it to many outcomes, and keep fits between runs."""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import numpy as np
import nutpie
import xarray as xr

from learning_with_others.bayes.explicit.explicit_model import explicit_model
from learning_with_others.bayes.explicit.random_effects import Centring
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.sampler_settings import Sampler
from learning_with_others.errors import CompendiumError

CODE = Path(__file__).parent


def fit_explicit(
    frame: ModelFrame,
    outcomes: Mapping[str, np.ndarray],
    sampler: Sampler,
    folder: Path,
    centring: Centring | Mapping[str, Centring] = "auto",
) -> dict[str, xr.DataTree]:
    """Fit a model to each outcome on the rows of one frame, compiling at most once.

    A fit is kept in `folder` under a key of everything it depends on, and read if it is there.

    Parameters
    ----------
    frame : ModelFrame
    outcomes : mapping of str to ndarray, shape (n,)
        Values as `ModelFrame.outcome` has them: numbers, or codes of its categories.
    sampler : Sampler
    folder : path
    centring
        As `explicit_model` takes it.

    Returns
    -------
    dict of str to xarray.DataTree
        Groups `posterior` and `sample_stats`; attributes `seconds`, of sampling, and `engine`.

    Raises
    ------
    CompendiumError
        If an outcome does not have the frame's rows, or codes outside of its categories.
    KeyboardInterrupt
        If sampling was interrupted; a fit cut short is not kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    compiled = None
    fits: dict[str, xr.DataTree] = {}
    for name, values in outcomes.items():
        outcome = _checked(name, values, frame)
        path = folder / f"{name}-{explicit_key(frame, outcome, sampler, centring)[:16]}.nc"
        if not path.exists():
            if compiled is None:
                compiled = nutpie.compile_pymc_model(explicit_model(frame, centring))
            fit = sample(compiled.with_data(outcome=outcome), sampler)
            beside = path.with_suffix(".partial")
            fit.to_netcdf(beside, engine="netcdf4")
            beside.replace(path)
        with xr.open_datatree(path, engine="netcdf4") as stored:
            fits[name] = stored.load()
    return fits


def sample(compiled: nutpie.compile_pymc.CompiledPyMCModel, sampler: Sampler) -> xr.DataTree:
    """Draw from a compiled model, and refuse draws cut short."""
    started = time.perf_counter()
    fit = nutpie.sample(
        compiled,
        seed=sampler.seed,
        chains=sampler.chains,
        tune=sampler.tune,
        draws=sampler.draws,
        target_accept=sampler.target_accept,
        save_warmup=False,
        progress_bar=False,
    )
    seconds = time.perf_counter() - started
    energy = fit["sample_stats"]["energy"].to_numpy()
    # Interrupted, nutpie returns what it has, padded with NaN.
    if energy.shape != (sampler.chains, sampler.draws) or not np.isfinite(energy).all():
        raise KeyboardInterrupt("sampling ended before its last draw")
    kept = xr.DataTree.from_dict(
        {
            "/posterior": fit["posterior"].to_dataset(),
            "/sample_stats": fit["sample_stats"].to_dataset()[["diverging", "energy"]],
        }
    )
    kept.attrs |= {"seconds": seconds, "engine": "explicit"}
    return kept


def _checked(name: str, values: np.ndarray, frame: ModelFrame) -> np.ndarray:
    """Give an outcome the type of the compiled model's, if it is of its kind."""
    where = f"outcome {name!r}"
    outcome = np.asarray(values)
    if outcome.shape != frame.outcome.shape:
        raise CompendiumError(
            f"it has shape {outcome.shape}, the frame's rows {frame.outcome.shape}",
            where=where,
            remedy="choose the rows that frame.rows names",
        )
    if not np.isfinite(outcome.astype(float)).all():
        raise CompendiumError(
            f"{(~np.isfinite(outcome.astype(float))).sum()} values are missing or infinite",
            where=where,
            remedy="choose complete rows",
        )
    if frame.categories and not np.isin(outcome, np.arange(len(frame.categories))).all():
        raise CompendiumError(
            "it has values that are no codes of the frame's categories",
            where=where,
            remedy=f"code {', '.join(frame.categories)} as 0, 1, ...",
        )
    return outcome.astype(frame.outcome.dtype)


def explicit_key(
    frame: ModelFrame,
    outcome: np.ndarray,
    sampler: Sampler,
    centring: Centring | Mapping[str, Centring] = "auto",
) -> str:
    """Digest of all that determines a fit: data, priors, settings, code, and libraries."""
    digest = hashlib.sha256()
    arrays = [frame.columns, outcome]
    arrays += [array for each in frame.groupings for array in (each.index, each.matrix)]
    if frame.weights is not None:
        arrays.append(frame.weights)
    for array in arrays:
        digest.update(str((array.shape, array.dtype)).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    names = [
        frame.specification.family,
        frame.terms,
        frame.categories,
        [(g.name, g.labels, g.columns, g.intercepts, g.correlated) for g in frame.groupings],
    ]
    versions = {package: version(package) for package in ("pymc", "nutpie", "numpy")}
    way = centring if isinstance(centring, str) else dict(centring)
    settings = [names, asdict(frame.priors), asdict(sampler), way, versions]
    digest.update(json.dumps(settings, sort_keys=True).encode())
    for source in sorted(CODE.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()
