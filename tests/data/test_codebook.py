import pytest

from learning_with_others.data.codebook import read_codebook
from learning_with_others.errors import CompendiumError

HEAD = "table,column,label,type,unit,codes,missing\n"


def read(tmp_path, text):
    path = tmp_path / "codebook.csv"
    path.write_text(text, encoding="utf-8")
    return read_codebook(path)


def test_a_codebook_is_read_in_its_order(tmp_path):
    text = 's,b,"Race, as told",category,,2=Two|1=One,9=refused\ns,a,Age,number,years,,\n'
    found = read(tmp_path, HEAD + text + "t,a,Answer,item,,1=no|2=yes,\n")
    assert {table: list(columns) for table, columns in found.items()} == {
        "s": ["b", "a"],
        "t": ["a"],
    }
    assert found["s"]["b"].label == "Race, as told"
    assert list(found["s"]["b"].codes.items()) == [("2", "Two"), ("1", "One")]
    assert found["s"]["b"].missing == {"9": "refused"}
    assert found["s"]["a"].unit == "years"


def test_a_byte_order_mark_is_no_part_of_the_first_heading(tmp_path):
    assert list(read(tmp_path, "\ufeff" + HEAD + "s,a,A,number,,,\n")) == ["s"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("column,label\na,b\n", "the headings are column, label"),
        ("", "the headings are"),
        (HEAD + "s,a,A,nmber,,,\n", "did you mean 'number'"),
        (HEAD + "s,a,A,number,,,\ns,a,A,number,,,\n", "line 3, column 'a': listed twice"),
        (HEAD + "s,a,A,category,,1-One,\n", "cannot be read"),
        (HEAD + "s,a,A,category,,,\n", "do not go with type 'category'"),
        (HEAD + "s,a,A,number,,1=One,\n", "do not go with type 'number'"),
        (HEAD + "s,a,A,category,,1=One|1=Uno,\n", "a code is listed twice"),
        (HEAD + "s,a,A,category,,1=One,1=refused\n", "stand both for an answer and for a missing"),
        (HEAD + "s,a,A,item,,never=Never,\n", "are not whole numbers"),
        (HEAD + "s,a,A, with comma,number,,,\n", "line 2: has not 7 cells"),
        (HEAD + "s,a,A,number\n", "line 2: has not 7 cells"),
    ],
)
def test_a_broken_codebook_names_line_and_remedy(tmp_path, text, expected):
    with pytest.raises(CompendiumError) as caught:
        read(tmp_path, text)
    assert expected in str(caught.value)
    assert "remedy" in str(caught.value)


@pytest.mark.parametrize("content", [HEAD.encode() + b"s,a,Sch\xfcler,number,,,\n", b"x" * 200_000])
def test_a_codebook_in_another_encoding_or_no_table_says_how_to_save_it(tmp_path, content):
    path = tmp_path / "codebook.csv"
    path.write_bytes(content)
    with pytest.raises(CompendiumError, match="CSV UTF-8"):
        read_codebook(path)
