"""What a gap rests on: whether the measure compares levels between the two groups."""

from collections.abc import Mapping

import pandas as pd

from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.comparability.decision import Comparison, Verdict, weakest
from learning_with_others.opportunity.measures import Measure, opportunity_measures
from learning_with_others.study import Study

OBSERVED = "observed"
UNTESTED = "not tested for this pair"


def with_verdicts(
    table: pd.DataFrame, verdicts: Mapping[tuple[str, Comparison], Verdict], study: Study
) -> pd.DataFrame:
    """Add the verdict on each measure, and words to `flag` unless it is comparable.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `measure` and `flag`; where it has `role`, verdicts hold for the main contrast
        only, as no other pair of groups was tested. A row of no single measure (a mean over
        measures) takes the weakest verdict among those of its table.
    verdicts : mapping
        Of the measurement stage.
    study : Study

    Returns
    -------
    pandas.DataFrame
        With the column `verdict`: on the comparison of levels, ``observed`` for categories and
        numbers, which need no measurement model.

    Raises
    ------
    CompendiumError
        If the measurement stage left no verdict on a measure.
    """
    known = {measure.name: measure for measure in opportunity_measures(study)}
    found = {
        name: _verdict(known[name], verdicts)
        for name in dict.fromkeys(table["measure"])
        if name in known
    }
    tested = [verdict for verdict in found.values() if isinstance(verdict, Verdict)]
    together = weakest(tested) if tested else OBSERVED
    named = [str(found.get(name, together)) for name in table["measure"]]
    if "role" in table:
        main = table["role"] == "main contrast"
        named = [
            words if of_main or words == OBSERVED else UNTESTED
            for words, of_main in zip(named, main, strict=True)
        ]
    fine = (OBSERVED, str(Verdict.COMPARABLE))
    flags = [
        "; ".join(part for part in (flag, "" if words in fine else _words(words)) if part)
        for flag, words in zip(table["flag"], named, strict=True)
    ]
    return table.assign(verdict=named, flag=flags)


def _words(verdict: str) -> str:
    return f"comparability of {Comparison.LEVELS} by race: {verdict}"


def _verdict(measure: Measure, verdicts: Mapping[tuple[str, Comparison], Verdict]) -> Verdict | str:
    if not measure.has_items:
        return OBSERVED
    if (measure.name, Comparison.LEVELS) not in verdicts:
        raise CompendiumError(
            f"no verdict on the {Comparison.LEVELS} of {measure.name!r}",
            where="the measurement stage's results",
            remedy="run notebook 02 for this study first",
        )
    return verdicts[measure.name, Comparison.LEVELS]
