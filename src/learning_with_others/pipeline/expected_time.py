"""How long a run will take, said before it begins."""

from collections.abc import Mapping
from pathlib import Path

from learning_with_others.pipeline.freshness import Made

# Seconds seen on two cores: of the synthetic study's 892 students, in full and quick. Stages
# without items take less, so this is an upper guess until a study has run once.
SEEN_ROWS = 892
SEEN = {
    "01-data-quality": {"full": 4, "quick": 4},
    "02-measurement-validation": {"full": 65, "quick": 40},
    "03-opportunity-to-collaborate": {"full": 32, "quick": 27},
    "04-collaboration-benefits": {"full": 485, "quick": 93},
    "08-report": {"full": 5, "quick": 5},
}
OPENING = 5.0  # seconds of a stage that do not grow with rows


def expected_seconds(stage: str, made: Made | None, profile: str, rows: int | None) -> float:
    """Guess a stage's seconds: those of its last run, else those seen, in proportion to rows."""
    if made is not None:
        return made.seconds
    seen = SEEN.get(stage, {}).get(profile, OPENING)
    grows = max(seen - OPENING, 0) * (rows or SEEN_ROWS) / SEEN_ROWS
    return OPENING + grows


def in_words(
    records: Mapping[str, Made | None], profile: str, rows: int | None, study: Path
) -> str:
    """Say which stages run and how long they take."""
    seconds = sum(expected_seconds(name, made, profile, rows) for name, made in records.items())
    minutes = max(1, round(seconds / 60))
    of_last = all(made is not None for made in records.values())
    basis = "as last time" if of_last else "from the number of rows and times seen on two cores"
    return (
        f"{study}: at most {len(records)} stages run, about {minutes}"
        f" minute{'s' if minutes > 1 else ''} ({basis}); kept estimates make it shorter"
    )
