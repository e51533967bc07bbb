import pytest

from learning_with_others.data.codebook import read_codebook
from learning_with_others.errors import CompendiumError

HEAD = "column,label,type,unit,codes\n"


def read(tmp_path, text):
    path = tmp_path / "codebook.csv"
    path.write_text(text, encoding="utf-8")
    return read_codebook(path)


def test_a_codebook_is_read_in_its_order(tmp_path):
    found = read(tmp_path, HEAD + 'b,"Race, as told",category,,2=Two|1=One\na,Age,number,years,\n')
    assert list(found) == ["b", "a"]
    assert found["b"].label == "Race, as told"
    assert list(found["b"].codes.items()) == [("2", "Two"), ("1", "One")]
    assert found["a"].unit == "years"


def test_a_byte_order_mark_is_no_part_of_the_first_heading(tmp_path):
    assert list(read(tmp_path, "\ufeff" + HEAD + "a,A,number,,\n")) == ["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("column,label\na,b\n", "the headings are column, label"),
        ("", "the headings are"),
        (HEAD + "a,A,nmber,,\n", "did you mean 'number'"),
        (HEAD + "a,A,number,,\na,A,number,,\n", "line 3, column 'a': listed twice"),
        (HEAD + "a,A,category,,1-One\n", "cannot be read"),
        (HEAD + "a,A,category,,\n", "cannot be read"),
        (HEAD + "a,A,number,,1=One\n", "cannot be read"),
        (HEAD + "a,A,category,,1=One|1=Uno\n", "a code is listed twice"),
        (HEAD + "a,A, with comma,number,,\n", "line 2: has not 5 cells"),
        (HEAD + "a,A,number\n", "line 2: has not 5 cells"),
    ],
)
def test_a_broken_codebook_names_line_and_remedy(tmp_path, text, expected):
    with pytest.raises(CompendiumError) as caught:
        read(tmp_path, text)
    assert expected in str(caught.value)
    assert "remedy" in str(caught.value)
