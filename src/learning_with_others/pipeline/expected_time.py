"""How long a run will take, said before it begins."""

from collections.abc import Mapping

from learning_with_others.pipeline.freshness import Made

# Seconds seen on two quiet cores, in full and quick: of the synthetic study (892 students, 60
# items) and of Project STAR (without items).
ITEMS, NO_ITEMS = "items", "no items"
SEEN = {
    ITEMS: {
        "01-data-quality": (4, 4),
        "02-measurement-validation": (65, 40),
        "03-opportunity-to-collaborate": (32, 27),
        "04-collaboration-benefits": (485, 93),
        "05-pathways": (94, 60),
        "06-school-context": (25, 20),
        "08-report": (5, 5),
    },
    NO_ITEMS: {
        "01-data-quality": (8, 7),
        "02-measurement-validation": (10, 10),
        "03-opportunity-to-collaborate": (16, 15),
        "04-collaboration-benefits": (90, 61),
        "05-pathways": (3, 3),
        "06-school-context": (3, 3),
        "08-report": (3, 3),
    },
}
# Only models of single answers take time in proportion to rows; the others take sums by cluster.
GROWS, SEEN_ROWS = "02-measurement-validation", 892


def expected_seconds(
    stage: str, made: Made | None, profile: str, kind: str, rows: int | None
) -> float:
    """Give the seconds of a stage's last run, else those seen, allowing for the number of rows."""
    if made is not None:
        return made.seconds
    full, quick = SEEN[kind].get(stage, (0, 0))
    seen = full if profile == "full" else quick
    larger = max(1, (rows or SEEN_ROWS) / SEEN_ROWS)
    return seen * larger if (stage, kind) == (GROWS, ITEMS) else seen


def in_words(
    records: Mapping[str, Made | None], profile: str, *, items: bool, rows: int | None
) -> str:
    """Say which stages run and how long they take.

    Parameters
    ----------
    records : mapping of str to Made or None
        The stages that would run, and their last runs.
    profile : {'full', 'quick'}
    items : bool
        Whether the study has items.
    rows : int or None
        Rows of students, once a stage has counted them.
    """
    kind = ITEMS if items else NO_ITEMS
    seconds = sum(
        expected_seconds(name, made, profile, kind, rows) for name, made in records.items()
    )
    minutes = max(1, round(seconds / 60))
    of_last = all(made is not None for made in records.values())
    basis = "the last run took as long" if of_last else "seen on two cores for such a study"
    return (
        f"{len(records)} of the stages may run: about {minutes} minute{'s' * (minutes > 1)}"
        f" ({basis}; estimates that are kept make it shorter)"
    )
