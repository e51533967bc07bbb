"""The certificate: what the ledger showed and suppressed, and the final test of a report."""

from collections import Counter

import numpy as np

from learning_with_others.exhibits.ledger.columns import Entry, Unverified
from learning_with_others.exhibits.ledger.knowledge import Knowledge
from learning_with_others.exhibits.ledger.policy import Policy
from learning_with_others.exhibits.ledger.safety import examine
from learning_with_others.exhibits.ledger.sets_of_people import People
from learning_with_others.exhibits.ledger.targets import Targets

SCHEMA = 1
ACCEPTED = {
    "estimates of models": (
        "Estimates on at least the minimum number of people are published to three significant"
        " digits, and figures are drawn from them. With all their digits, numbers of people and of"
        " missing answers were worked out from several statistics of whole answers together; with"
        " three, many numbers of people fit each. The integer program does not see them."
    ),
    "larger numbers": (
        "Numbers of people of the minimum or more may follow from several statistics more closely"
        " than they are rounded (missing outcomes from imputations that are shifted); none of"
        " these is small."
    ),
    "clusters": (
        "Numbers of schools and classrooms are published: they are not counts of people, but where"
        " each classroom has one teacher they tell how many teachers answered."
    ),
    "sets that coincide": (
        "Two sets of people of different meaning may be the same by chance. The test assumes that"
        " readers know it, although they rarely can; this errs on the side of suppressing more."
    ),
    "a strong reader": (
        "The test assumes that readers know which suppressed counts are small, which were"
        " suppressed to protect others, and which sets of people lie inside which; all of these"
        " err on the side of suppressing more."
    ),
    "interval ends": (
        "Ends of confidence intervals of a share are rounded as the share is. That they could"
        " narrow the share or its number of people further is not tested."
    ),
    "overlapping sets": (
        "The test knows which sets are nested, and which sum to another. Sums over sets that"
        " overlap (two items' patterns of missing answers, by inclusion and exclusion) are not"
        " in it; a reader who also knows which overlaps are empty may narrow a small count to"
        " fewer values than required."
    ),
    "unknown numerators": "A share whose numerator is not in the ledger is only rounded.",
}
NAMES = {
    "exact": "shown_exactly",
    "rounded": "rounded",
    "coarse": "rounded_further_to_protect_others",
    "small": "suppressed_small",
    "protecting": "suppressed_to_protect_others",
    "blanked": "blanked_with_their_exhibit",
}


def certificate(
    people: People,
    policy: Policy,
    entries: list[Entry],
    known: Knowledge,
    unverified: list[Unverified],
) -> dict:
    """Test the whole report once more, with everything that was shown in any stage.

    Returns
    -------
    dict
        No value of a suppressed count is in it; cells are named by exhibit and keys.
    """
    counts = Counter(entry.status for entry in entries if not entry.is_share)
    shares = Counter(entry.status for entry in entries if entry.is_share)
    content = {
        "schema": SCHEMA,
        "policy": policy.in_words(),
        "protected": policy.protected,
        "counts": {words: counts[status] for status, words in NAMES.items()},
        "shares": {words: shares[status] for status, words in NAMES.items()},
        "unverified": [
            {"exhibit": note.exhibit, "keys": note.keys, "column": note.column}
            for note in unverified
        ],
        "accepted": list(ACCEPTED.values()),
    }
    if not policy.protected:
        return content | {"test": "No test: the data are public, and nothing is suppressed."}
    targets, ranges, program = examine(people, known, policy)
    below = np.flatnonzero(ranges.number < policy.possible_values)
    joined = np.bincount(program.component) if len(people) else np.empty(0)
    return content | {
        "test": {
            "sets_of_people": len(people),
            "relations": int(program.matrix.shape[0]),
            "components": int((joined > 1).sum()),
            "small_counts": int((targets.part < 0).sum()),
            "small_differences": int((targets.part >= 0).sum()),
            "possible_values_required": policy.possible_values,
            "fewest_possible_values": int(ranges.number.min()) if len(targets) else None,
            "fewest_is": "a lower bound: the search for a target ends at the number required",
            "below_required": len(below),
            "undecided": len(ranges.undecided),
            "unsafe": _named(targets[below], entries),
        }
    }


def _named(targets: Targets, entries: list[Entry]) -> list[str]:
    """Names of targets: the cells that count them, and for a difference both."""
    name: dict[int, str] = {}
    for entry in entries:
        name.setdefault(entry.people, f"{entry.exhibit} ({entry.keys}; {entry.column})")
    rest = "a sum of counts"
    return [
        name.get(whole, rest) + (f" less {name.get(part, rest)}" if part >= 0 else "")
        for whole, part in targets.names()
    ]
