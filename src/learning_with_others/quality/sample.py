"""Who is in the sample: every group, alone and crossed with what else was recorded."""

from functools import partial

import pandas as pd

from learning_with_others.data.disclosure.suppression import OTHER_GROUPS, reporting_groups
from learning_with_others.data.reading import codebook_of
from learning_with_others.exhibits.exhibit import Count, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import Whom, of_grade
from learning_with_others.exhibits.phrases import listed, two_groups
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.study import Study

EVERYBODY, NOBODY_SAID = "everybody", "not recorded"
ALONE, COMBINED = "alone", "in combination with another"
AS_CODED = "answers"


def sample_table(in_grade: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Count every group, and the two compared crossed with the columns that the study names.

    Parameters
    ----------
    in_grade : pandas.DataFrame
        All rows of the grade analysed.
    study : Study

    Returns
    -------
    pandas.DataFrame
        Columns `group, by, value, of, children, item, label, share`: `children` of the group have
        this value, a `share` of the group or, where `by` is everybody, of the sample (`of`). In the
        crossed rows all other groups, and those of no recorded group, are one.
    """
    role = study.roles.group
    groups = in_grade[role.column]
    others = [name for name in groups.value_counts().index if name not in role.contrast]
    parts = {name: groups.eq(name) for name in (*role.contrast, *others)}
    parts[NOBODY_SAID] = groups.isna()
    rows = [
        (EVERYBODY, EVERYBODY, "", len(in_grade), len(in_grade)),
        *(
            (name, EVERYBODY, "", len(in_grade), int(mine.sum()))
            for name, mine in parts.items()
            if mine.any()
        ),
    ]
    pooled = reporting_groups(groups, role.contrast)
    for by, values in described(in_grade, study).items():
        for name in (role.focal,) if by == AS_CODED else pooled.cat.categories:
            mine = values[pooled == name]
            rows += [
                (name, by, value, len(mine), int(mine.eq(value).sum()))
                for value in values.cat.categories
            ]
    table = pd.DataFrame(rows, columns=["group", "by", "value", "of", "children"])
    item = (table["by"] + " " + table["value"]).str.strip()
    columns = codebook_of(study)["students"]
    labels = {name: columns[name].label for name in study.sample.by}
    labels[AS_CODED] = f"{role.label} as chosen"
    return table.assign(
        item=item, label=table["by"].replace(labels), share=table["children"] / table["of"]
    )


def described(students: pd.DataFrame, study: Study) -> dict[str, pd.Series]:
    """Columns that the sample is described by, labels as values, the missing as one of them.

    Where those who chose the focal group and others count as focal, whether they chose others.
    """
    columns, role = codebook_of(study)["students"], study.roles.group
    found = {}
    if role.select is not None and role.coding == "alone_or_in_combination":
        chosen = pd.DataFrame({c: students[c].eq(columns[c].codes["1"]) for c in role.select})
        several = chosen.sum(axis=1) > 1
        coded = several.map({True: COMBINED, False: ALONE})
        found[AS_CODED] = pd.Categorical(coded, categories=[ALONE, COMBINED])
    for name in study.sample.by:
        labels = [*dict.fromkeys(columns[name].codes.values()), NOBODY_SAID]
        values = students[name].astype(object)
        found[name] = pd.Categorical(values.fillna(NOBODY_SAID), categories=labels)
    return {by: pd.Series(values, index=students.index) for by, values in found.items()}


@exhibit
def sample(in_grade: pd.DataFrame, students: pd.DataFrame, study: Study, grade: str) -> Exhibit:
    """Who is in the sample, how groups were coded, and what was not recorded."""
    values = described(students, study)
    everybody, in_group = of_grade(grade), Whom(partial(_in_group, study=study), ("group", "by"))
    having = Whom(
        lambda row, table, _: (
            pd.Series(data=True, index=table.index)
            if row["by"] == EVERYBODY
            else values[row["by"]].eq(row["value"])
        ),
        ("by", "value"),
    )
    whole = Whom(
        lambda row, table, people: (everybody if row["by"] == EVERYBODY else in_group).rule(
            row, table, people
        )
    )
    words = partial(_words, study=study)
    return Exhibit(
        name="sample",
        table=sample_table(in_grade, study),
        keys={"group": "group", "item": "item"},
        counts=(
            Count("of", everybody & whole),
            Count("children", everybody & in_group & having, quantity="sample.size", gates=False),
        ),
        numbers=(Number("sample.share", "share", "share", share_of="of", part="children"),),
        plain=("by", "value", "label"),
        title=words,
        sentence=partial(words, sentence=True),
        caption=f"{study.people.capitalize()} by {study.roles.group.label}, and the two groups"
        " compared by what else was recorded; shares are of the sample, or of the group."
        f"{_coding(study)}",
    )


def _in_group(row, table, _, study: Study) -> pd.Series:  # noqa: ANN001 - a rule of Whom
    role, name = study.roles.group, row["group"]
    groups = table[role.column]
    if name == EVERYBODY:
        return pd.Series(data=True, index=table.index)
    if name == NOBODY_SAID:
        return groups.isna()
    return ~groups.isin(role.contrast) if name == OTHER_GROUPS else groups.eq(name)


def _coding(study: Study) -> str:
    role = study.roles.group
    if role.select is None:
        return f" {role.label.capitalize()} was recorded as one group for each."
    coded = {
        "alone_or_in_combination": f"whoever chose {role.focal}, alone or in combination, is"
        f" counted as {role.focal}; others with several answers are apart",
        "multiracial_apart": "whoever chose several is counted in a group of their own",
    }[role.coding]
    return f" Several answers were allowed: {coded}."


def _lacking(study: Study) -> str:
    lacking = study.sample.not_recorded
    return f"Not recorded: {listed(lacking)}." if lacking else ""


def _words(records: Records, study: Study, *, sentence: bool = False) -> str:
    """Say how large both groups are, and what is missing."""
    focal, reference = study.roles.group.contrast
    whole = f"sample.size/{EVERYBODY}/{EVERYBODY}"
    ids = [f"sample.size/{name}/{EVERYBODY}" for name in (focal, reference)]
    if any(id_ not in records for id_ in (whole, *ids)):
        return f"How many {two_groups(study)} are in the sample is {SUPPRESSED}" + "." * sentence
    sizes = [float(records[id_].estimate) for id_ in ids]
    if not sentence:
        more = "more" if sizes[0] > sizes[1] else "fewer" if sizes[0] < sizes[1] else "as many"
        than = "as" if more == "as many" else "than"
        lacking = study.sample.not_recorded
        also = f", and nothing is known of {listed(lacking)}" if lacking else ""
        people = study.people
        return f"The sample holds {more} {focal} {than} {reference} {people}{also}"
    alone, mixed = (f"sample.size/{focal}/{AS_CODED} {each}" for each in (ALONE, COMBINED))
    chose = ""
    if alone in records and mixed in records:
        chose = f" ({{{{number: {alone}}}}} {ALONE}, {{{{number: {mixed}}}}} {COMBINED})"
    return (
        f"Of {{{{number: {whole}}}}} {study.people}, {{{{number: {ids[0]}}}}} are {focal}{chose}"
        f" and {{{{number: {ids[1]}}}}} are {reference}; all others enter the models too. "
        f"{_lacking(study)} {study.sample.meaning}"
    ).strip()
