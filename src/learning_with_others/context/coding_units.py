"""From marked stretches of text to segments on which coders can agree."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from learning_with_others.errors import CompendiumError

NEEDED = ("document", "theme", "coder")
UNIT = ["document", "segment", "coder"]


def segments_of(coded: pd.DataFrame) -> pd.Series:
    """Number the segment of its document that each coded passage belongs to.

    Two passages of a document are one segment if they have a common name (`excerpt`) or if their
    stretches of text overlap, whoever marked them and for whatever theme; so are passages that are
    joined through others. Stretches that only touch do not overlap.

    Returns
    -------
    Series of int
        From 1 in each document, in the order of the text; aligned with `coded`.

    Raises
    ------
    CompendiumError
        If a stretch ends before it begins, or a passage has neither a name nor a place.
    """
    _check(coded, ["document"])
    place = pd.DataFrame(index=np.arange(len(coded)))
    place["document"] = pd.factorize(coded["document"])[0]
    for name in ("start", "end"):
        place[name] = coded[name].to_numpy(float, na_value=np.nan) if name in coded else np.nan
    names = coded.get("excerpt", pd.Series(None, coded.index, dtype=object)).to_numpy(object)
    place["named"] = pd.notna(names)
    _check_places(coded, place)
    known = place.dropna().sort_values(["document", "start"])
    reach = known.groupby("document")["end"].cummax()
    before = reach.groupby(known["document"]).shift()
    meets = (known["start"] < before).to_numpy()
    following = known.index.to_numpy()
    named = place.index[place["named"]].to_numpy()
    pairs = pd.MultiIndex.from_arrays([place["document"][named], names[named].astype(str)])
    passage = pd.factorize(pairs)[0]
    first = np.concatenate([following[:-1][meets[1:]], named])
    second = np.concatenate([following[1:][meets[1:]], len(place) + passage])
    size = len(place) + passage.max(initial=-1) + 1
    edges = coo_array((np.ones(len(first)), (first, second)), shape=(size, size))
    place["component"] = connected_components(edges, directed=False)[1][: len(place)]
    place["given"] = place.index
    order = place.groupby(["document", "component"])[["start", "given"]].min().reset_index()
    order = order.sort_values(["document", "start", "given"])
    order["segment"] = order.groupby("document").cumcount() + 1
    number = place.merge(order[["component", "segment"]], on="component", how="left")["segment"]
    return pd.Series(number.to_numpy(), coded.index, name="segment")


def coding_units(coded: pd.DataFrame) -> pd.DataFrame:
    """Say what each coder decided on every segment and theme of documents coded twice.

    Returns
    -------
    DataFrame of bool
        Index `document, segment, coder`, a column for each theme: whether any of the coder's
        passages in the segment carries it. Documents enter that at least two coders coded: a coder
        with a passage anywhere in the document who marked nothing in the segment said that no
        theme is present. Who read a document and marked nothing at all is not seen, and neither is
        text that nobody marked: agreement is agreement on passages that somebody found worth a
        code.
    """
    _check(coded, NEEDED)
    themes = list(dict.fromkeys(coded["theme"]))
    coders = coded.groupby("document")["coder"].nunique()
    twice = coded[coded["document"].isin(coders.index[coders > 1])]
    named = twice.assign(segment=segments_of(twice))
    decisions = named[["document", "segment"]].drop_duplicates()
    workers = named[["document", "coder"]].drop_duplicates()
    every = pd.MultiIndex.from_frame(decisions.merge(workers, on="document")[UNIT])
    found = pd.crosstab([named[name] for name in UNIT], named["theme"]) > 0
    return found.reindex(index=every, columns=themes, fill_value=False).sort_index()


def _check(coded: pd.DataFrame, needed: Sequence[str]) -> None:
    for name in needed:
        if name not in coded or coded[name].isna().any():
            problem = "has empty places" if name in coded else "is missing"
            raise CompendiumError(
                f"the column {name!r} of the coded passages {problem}",
                where="excerpts",
                remedy=f"every passage needs its {', '.join(needed)}",
            )


def _check_places(coded: pd.DataFrame, place: pd.DataFrame) -> None:
    wrong = (place["end"] <= place["start"]).to_numpy()
    lost = (~place["named"] & place[["start", "end"]].isna().any(axis=1)).to_numpy()
    if not (wrong | lost).any():
        return
    at = int((wrong | lost).argmax())
    row = place.iloc[at]
    problem = f"a passage runs from {row['start']:.0f} to {row['end']:.0f}"
    raise CompendiumError(
        problem if wrong[at] else "a passage has neither a name nor a place",
        where=f"excerpts, document {coded['document'].iloc[at]!r}, passage {at + 1} of the table",
        remedy="give start and end, 0-based and the end exclusive, or a name in 'excerpt'",
    )
