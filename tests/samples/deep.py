"""A dozen simulated data sets in every run of the tests, hundreds in `make test-deep`.

What hundreds show is kept under tests/reference/deep/, with the day and the seeds.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

DOZEN = 12
KEPT = Path(__file__).parents[1] / "reference/deep"


def dozen_or(many):
    """How many data sets: values of a parameter."""
    return [
        pytest.param(DOZEN, id="a dozen"),
        pytest.param(many, id=str(many), marks=pytest.mark.deep),
    ]


def keep(name, count, *, seeds=None, **measured):
    """Keep what a deep run has measured; a dozen data sets leave nothing."""
    if count == DOZEN:
        return
    content = {
        "measured": datetime.now(UTC).date().isoformat(),
        "data_sets": count,
        "seeds": seeds or f"0 to {count - 1}",
        **measured,
    }
    (KEPT / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")


def kept(name):
    """What the last deep run has measured."""
    return json.loads((KEPT / f"{name}.json").read_text())
