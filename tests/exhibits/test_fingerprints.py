"""Equal content has one hash, in every process; other content has another."""

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from learning_with_others.exhibits.fingerprints import content_hash
from learning_with_others.study import load_study

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@dataclass
class Pair:
    first: object
    second: object


def table():
    return pd.DataFrame(
        {
            "number": [1.5, np.nan, 3.0],
            "count": pd.array([1, None, 3], dtype="Int64"),
            "word": ["a", None, "c"],
            "group": pd.Categorical(["x", "y", "x"]),
        },
        index=[4, 5, 7],
    )


@given(VALUES, VALUES)
def test_values_have_one_hash_if_and_only_if_they_are_equal(one, other):
    alike = repr(one) == repr(other)  # repr tells 1 from 1.0 and from True, as a hash must
    assert (content_hash(one) == content_hash(other)) == alike
    assert (content_hash(Pair(one, 1)) == content_hash(Pair(other, 1))) == alike


def test_a_table_read_again_has_the_same_hash(tmp_path):
    table().to_parquet(tmp_path / "a.parquet")
    read = pd.read_parquet(tmp_path / "a.parquet")
    read.to_parquet(tmp_path / "b.parquet")
    assert content_hash(pd.read_parquet(tmp_path / "b.parquet")) == content_hash(read)
    assert content_hash(table()) == content_hash(table().copy())


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.assign(number=[1.5, 2.0, 3.0]),
        lambda t: t.assign(number=[np.nextafter(1.5, 2), np.nan, 3.0]),
        lambda t: t.assign(word=["a", "", "c"]),
        lambda t: t.assign(count=t["count"].astype("Float64")),
        lambda t: t.assign(group=t["group"].cat.rename_categories({"x": "z"})),
        lambda t: t.assign(group=t["group"].cat.reorder_categories(["y", "x"])),
        lambda t: t.rename(columns={"word": "words"}),
        lambda t: t[["count", "number", "word", "group"]],
        lambda t: t.iloc[::-1],
        lambda t: t.set_axis([4, 5, 6]),
        lambda t: t.iloc[:2],
    ],
)
def test_whatever_changes_in_a_table_changes_its_hash(change):
    assert content_hash(change(table())) != content_hash(table())


def test_arrays_differ_by_type_shape_and_value():
    one = np.arange(6.0)
    others = [one.astype(int), one.reshape(2, 3), one + 1e-15, one[:5], list(one)]
    assert len({content_hash(value) for value in [one, *others]}) == 1 + len(others)
    assert content_hash(one.reshape(2, 3).T) == content_hash(np.array([[0.0, 3], [1, 4], [2, 5]]))


def test_the_hash_is_that_of_another_process():
    code = (
        "import pandas as pd; from learning_with_others.exhibits.fingerprints import content_hash;"
        "print(content_hash([{'a': {1, 2, 3}}, pd.DataFrame({'x': ['p', 'q']})]))"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    here = content_hash([{"a": {1, 2, 3}}, pd.DataFrame({"x": ["p", "q"]})])
    assert told[0].strip() == here


def test_a_whole_study_is_refused_and_its_words_do_not_count():
    study = load_study(ROOT / "data/learning-with-others")
    with pytest.raises(TypeError, match=r"study\.design"):
        content_hash([1, {"study": study}])
    named = study.constructs["personalization"].model_copy(update={"label": "Another name"})
    renamed = study.model_copy(
        update={"title": "Other", "constructs": {**study.constructs, "personalization": named}}
    )
    assert content_hash(renamed.design) == content_hash(study.design)
    other = study.model_copy(update={"analysis": study.analysis.model_copy(update={"seed": 1})})
    assert content_hash(other.design) != content_hash(study.design)


def test_what_has_no_content_is_refused():
    with pytest.raises(TypeError, match="a object has no content"):
        content_hash(object())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([["a"], "b"], [["a", "b"]]),
        ([{"a": 1}, "b", 2], [{"a": 1, "b": 2}]),
        ([(), (1,)], [((), 1)]),
        ([[], [[]]], [[[]], []]),
    ],
)
def test_what_stands_in_which_container_counts(one, other):
    assert content_hash(one) != content_hash(other)
