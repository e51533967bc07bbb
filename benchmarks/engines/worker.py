"""One process: import an engine, fit twice, and print what was measured as JSON.

Nothing heavy is imported before the clock of the imports runs.
"""

import argparse
import json
import resource
import sys
import time
from typing import Any

from benchmarks.engines.settings import CONTENDERS, ENGINES

R_PROGRAMS = ("lme4", "rstanarm", "brms")


def peak_mb() -> float:
    """Peak memory of this process and of the largest it started, in MB (10⁶ bytes)."""
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux kibibytes
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return round(sum(resource.getrusage(kind).ru_maxrss for kind in kinds) * unit / 1e6, 1)


def load(engine: str) -> tuple[Any, float]:
    """Import an engine's adapter; the module and the seconds it took."""
    started = time.perf_counter()
    # Each engine imports its own libraries only, and that is timed.
    if engine == "collapsed":
        from benchmarks.engines.adapters import collapsed as adapter  # noqa: PLC0415
    elif engine == "explicit-nutpie":
        from benchmarks.engines.adapters import explicit_nutpie as adapter  # noqa: PLC0415
    elif engine == "bambi":
        from benchmarks.engines.adapters import bambi_nutpie as adapter  # noqa: PLC0415
    elif engine in R_PROGRAMS:
        from benchmarks.engines.adapters import r_programs as adapter  # noqa: PLC0415
    else:
        if engine == "numpyro":
            import numpyro  # noqa: F401, PLC0415
        from benchmarks.engines.adapters import pymc_samplers as adapter  # noqa: PLC0415
    return adapter, time.perf_counter() - started


def run(engine: str, parametrization: str, design_name: str, seed: int) -> dict[str, Any]:
    """Fit one study twice; measures of both calls, and of a refit where it is a target."""
    adapter, import_seconds = load(engine)
    from benchmarks.engines.designs import DESIGNS, simulate  # noqa: PLC0415

    design = DESIGNS[design_name]
    data = simulate(design, seed)
    seeds = (10 * seed + 1, 10 * seed + 2)
    if engine in R_PROGRAMS:
        import_seconds, fit = adapter.start(design, data, engine, seeds)
    elif engine == "numpyro":
        fit = adapter.start(design, data, parametrization, nuts_sampler="numpyro")
    else:
        fit = adapter.start(design, data, parametrization)
    timed, used = [], []
    for each in seeds:  # fits first: what judges them would count in the memory of the second
        before = time.process_time()
        timed.append(fit(each))
        used.append((peak_mb(), time.process_time() - before))
    calls = [
        measure(each, design, import_seconds, *resources)
        for each, resources in zip(timed, used, strict=True)
    ]
    found: dict[str, Any] = {"calls": calls}
    if engine == "collapsed":
        found["refit"] = refit(adapter, design, seed, import_seconds)
    return found


def measure(
    timed: Any, design: Any, import_seconds: float, peak: float, cpu_seconds: float
) -> dict[str, Any]:
    """Measures of one call, as columns of the table of runs; empty where there are no draws."""
    from benchmarks.engines.judge import figures, judge  # noqa: PLC0415 - its imports are not the engine's

    found = {
        "import_seconds": round(import_seconds, 3),
        "compile_seconds": round(timed.compile_seconds, 3),
        "sampling_seconds": round(timed.sampling_seconds, 4),
        "ess_bulk_min": None,
        "ess_tail_min": None,
        "divergences": None,
        "peak_mb": peak,
        "diagnosis": "no draws",
        "cpu_seconds": round(cpu_seconds, 3),
    }
    if timed.fit is None:
        return found
    return found | figures(judge(timed.fit, design, timed.sampling_seconds))


def refit(adapter: Any, design: Any, seed: int, import_seconds: float) -> dict[str, Any]:
    """Fit another study of the same design with fewer draws, nothing compiled anew."""
    from benchmarks.engines.designs import simulate  # noqa: PLC0415
    from benchmarks.engines.settings import REFIT_DRAWS  # noqa: PLC0415

    data = simulate(design, 1000 + seed)
    again = adapter.start(design, data, "integrated", tune=REFIT_DRAWS, draws=REFIT_DRAWS)
    before = time.process_time()
    timed = again(seed)
    used = time.process_time() - before
    return measure(timed, design, import_seconds, peak_mb(), used)


def main() -> None:
    """Run one engine, or the kernel's own measures, or only the imports (bytecode is written)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=[*ENGINES, "kernel", "large", "imports"])
    parser.add_argument("--parametrization", default="non-centred")
    parser.add_argument("--design", default="892")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.what == "imports":
        found: Any = {}
        for engine in dict.fromkeys(contender.engine for contender in CONTENDERS):
            if engine not in ("numpyro", *R_PROGRAMS):
                found[engine] = load(engine)[1]
    elif given.what == "kernel":
        from benchmarks.engines.kernel import evaluation_costs  # noqa: PLC0415

        found = evaluation_costs()
    elif given.what == "large":
        from benchmarks.engines.kernel import large_study  # noqa: PLC0415

        found = large_study()
    else:
        found = run(given.what, given.parametrization, given.design, given.seed)
    print("RESULT " + json.dumps(found))


if __name__ == "__main__":
    main()
