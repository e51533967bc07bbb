"""What was answered to each item: every answer, and the answers' summary."""

import pandas as pd

from learning_with_others.data.codebook import Column
from learning_with_others.data.measures.scales import (
    EVERYONE,
    Scale,
    Table,
    finest_scales,
    keyed_items,
    rows_by_group,
)
from learning_with_others.study import StudyDesign

SUMMARY = "children missing_share mean sd skewness floor_share ceiling_share flag".split()
ITEM_COLUMNS = ["construct", "scale", "item", "reversed", "group", "asked", *SUMMARY]
ANSWER_COLUMNS = (
    "construct scale scale_label item wording reversed group answer label answered children share"
).split()


def summarize_item(answers: pd.Series, lowest: float, highest: float) -> dict[str, object]:
    """Moments of an item, and the shares at its ends and without an answer.

    Parameters
    ----------
    answers : pandas.Series
        Keyed answers, NaN where missing.
    lowest, highest : float
        Ends of the response scale, whether or not anybody gave them.

    Returns
    -------
    dict of str to object
        `children` (who answered), `missing_share`, `mean`, `sd` (divisor n − 1), `skewness`
        (adjusted Fisher-Pearson), `floor_share`, `ceiling_share` of those who answered, `flag`.

    References
    ----------
    Joanes, D. N. and Gill, C. A. (1998). Comparing measures of sample skewness and kurtosis.
    The Statistician 47, 183-189 (skewness G₁).
    """
    given = answers.dropna()
    same = len(given) > 0 and given.min() == given.max()
    flag = "every answer is the same" if same else ""
    return {
        "children": len(given),
        "missing_share": 1 - len(given) / len(answers) if len(answers) else float("nan"),
        "mean": given.mean(),
        "sd": given.std(),
        "skewness": float("nan") if same else given.skew(),
        "floor_share": (given == lowest).mean(),
        "ceiling_share": (given == highest).mean(),
        "flag": flag if len(given) else "nobody answered",
    }


def item_table(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column], table: Table = "students"
) -> pd.DataFrame:
    """Summarize every item, by group.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of the two groups compared, or teachers.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of that table.
    table : {'students', 'teachers'}

    Returns
    -------
    pandas.DataFrame
        Columns `construct, scale, item, reversed, group, asked, children, missing_share, mean,
        sd, skewness, floor_share, ceiling_share, flag`. Keyed: a higher answer is more of the
        construct. Counts of people: `asked` (rows) and `children` (who answered); the shares
        are `missing_share` of `asked`, and `floor_share` and `ceiling_share` of `children`.
    """
    out = []
    for group, members in rows_by_group(rows, study, table).items():
        for scale in finest_scales(study, table):
            keyed = keyed_items(members, study, columns, scale)
            turned = study.constructs[scale.construct].all_reversed
            for item in scale.items:
                codes = [float(code) for code in columns[item].codes]
                out.append(
                    {
                        "construct": scale.construct,
                        "scale": scale.name,
                        "item": item,
                        "reversed": item in turned,
                        "group": group,
                        "asked": len(members),
                        **summarize_item(keyed[item], min(codes), max(codes)),
                    }
                )
    return pd.DataFrame(out, columns=ITEM_COLUMNS)


def answer_table(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column], table: Table = "students"
) -> pd.DataFrame:
    """Count every answer to every item, those that nobody gave too.

    Students' groups stand apart, without a total. Within an item the answers sum to `answered`.

    Parameters
    ----------
    rows, study, columns, table
        As in `item_table`.

    Returns
    -------
    pandas.DataFrame
        Columns `construct, scale, scale_label, item, wording, reversed, group, answer, label,
        answered, children, share`. `answer` is keyed, so that a higher one is more of the
        construct; `label` is what the child chose. Counts of people: `answered` (the item) and
        `children` (this answer); `share` is of `answered`.
    """
    groups = rows_by_group(rows, study, table)
    groups.pop(EVERYONE, None)
    return pd.DataFrame(
        [
            line
            for scale in finest_scales(study, table)
            for group, members in groups.items()
            for line in _answers(members, study, columns, scale, group)
        ],
        columns=ANSWER_COLUMNS,
    )


def _answers(
    members: pd.DataFrame, study: StudyDesign, columns: dict[str, Column], scale: Scale, group: str
) -> list[dict[str, object]]:
    turned = study.constructs[scale.construct].all_reversed
    keyed = keyed_items(members, study, columns, scale)
    out = []
    for item in scale.items:
        labels = {float(code): label for code, label in columns[item].codes.items()}
        if item in turned:
            ends = min(labels) + max(labels)
            labels = {ends - code: label for code, label in labels.items()}
        answered = int(keyed[item].notna().sum())
        for answer in sorted(labels):
            children = int((keyed[item] == answer).sum())
            out.append(
                {
                    "construct": scale.construct,
                    "scale": scale.name,
                    "scale_label": scale.label,
                    "item": item,
                    "wording": columns[item].label,
                    "reversed": item in turned,
                    "group": group,
                    "answer": answer,
                    "label": labels[answer],
                    "answered": answered,
                    "children": children,
                    "share": children / answered if answered else float("nan"),
                }
            )
    return out
