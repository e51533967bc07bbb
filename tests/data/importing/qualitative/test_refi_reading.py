"""REFI-QDA as programs write it, with the places where they and the standard part."""

import pytest
from coded_files import coding, project_xml, selection, text_source, write_project, write_zip

from learning_with_others.data.importing import iterate_chunks, read_coded_project, read_raw_table


def rows(path):
    return read_raw_table(path).frame.fillna("").to_dict("records")


def test_a_row_is_a_passage_a_theme_and_a_coder(tmp_path):
    inside = selection(6, 11, coding(4), coding(3, user=2))
    path = write_project(tmp_path / "a.qdpx", text_source(inside), text="Hello there, you")
    first, second = rows(path)
    assert first == {
        "excerpt": "Talk (6-11)",
        "document": "Talk",
        "theme": "Exclusion",
        "coder": "Ada",
        "text": "there",
        "start": "6",
        "end": "11",
    }
    assert (second["theme"], second["coder"]) == ("time", "Ben")
    (piece,) = iterate_chunks(path)
    assert piece.frame.equals(read_raw_table(path).frame)


@pytest.mark.parametrize("text", ["🙂 hello", "𝔘 hello", "e\u0301hello", "\t\u2028hello"])
def test_positions_count_code_points(tmp_path, text):
    start = text.index("hello")
    inside = selection(start, start + 5, coding(4))
    assert (
        rows(write_project(tmp_path / "a.qdpx", text_source(inside), text=text))[0]["text"]
        == "hello"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_mark_at_the_start_is_no_character(tmp_path, encoding):
    path = tmp_path / "a.qdpx"
    write_project(path, text_source(selection(0, 5, coding(4))), text="Hällo you".encode(encoding))
    assert rows(path)[0]["text"] == "Hällo"


@pytest.mark.parametrize(("origin", "at"), [("NVivo", 4), ("ATLAS.ti for Windows 23.2", 3)])
def test_two_characters_that_end_a_line_count_as_the_program_counts_them(tmp_path, origin, at):
    source = text_source(selection(at, at + 3, coding(4)))
    path = write_project(tmp_path / "a.qdpx", source, text="I:\r\nyes\r\n", origin=origin)
    assert rows(path)[0]["text"] == "yes"


def test_a_repeated_name_becomes_its_path_and_a_category_stays_a_code(tmp_path):
    inside = selection(0, 5, coding(1), coding(2), coding(5))
    path = write_project(tmp_path / "a.qdpx", text_source(inside))
    assert [row["theme"] for row in rows(path)] == [
        "Support",
        "Support / peers",
        "Exclusion / peers",
    ]
    book = read_coded_project(path).codebook().frame.fillna("")
    assert book.to_numpy().tolist() == [
        ["Support", "What helps.", ""],
        ["Support / peers", "", "Support"],
        ["time", "", "Support"],
        ["Exclusion", "", ""],
        ["Exclusion / peers", "", "Exclusion"],
    ]
    assert read_raw_table(path, codes=True).frame.fillna("").equals(book)
    assert [code.codable for code in read_coded_project(path).codes.values()].count(False) == 1


def test_siblings_of_one_name_are_numbered(tmp_path):
    codes = "".join(
        f'<Code guid="A0000000-0000-0000-0000-00000000000{n}" name="peers"/>' for n in (1, 2)
    )
    path = write_project(
        tmp_path / "a.qdpx", text_source(selection(0, 5, coding(1), coding(2))), codes=codes
    )
    assert [row["theme"] for row in rows(path)] == ["peers", "peers (2)"]


@pytest.mark.parametrize(
    ("path_in_xml", "part"),
    [
        ("talk.txt", "sources/talk.txt"),
        ("internal://talk.txt", "Sources/TALK.txt"),
        ("internal://sources/talk.txt", "my project/sources/talk.txt"),
        ("internal://talk.txt", "talk.txt"),
        ("relative:///old/talk.txt", "sources/talk.txt"),
    ],
)
def test_a_text_is_found_wherever_it_lies_in_the_archive(tmp_path, path_in_xml, part):
    source = text_source(selection(0, 5, coding(4)), path=path_in_xml)
    assert rows(write_project(tmp_path / "a.qdpx", source, part=part))[0]["text"] == "Hello"


def test_a_project_in_a_folder_and_under_another_name_is_read(tmp_path):
    xml = project_xml(text_source(selection(0, 5, coding(4))))
    parts = {
        "mine/Other.qde": xml,
        "mine/sources/talk.txt": "Hello",
        "__MACOSX/mine/._Other.qde": "x",
    }
    assert len(rows(write_zip(tmp_path / "a.qdpx", parts))) == 1


def test_a_text_in_the_xml_is_read_and_elements_may_stand_in_any_order(tmp_path):
    content = "<PlainTextContent>Hello</PlainTextContent>"
    note = '<NoteRef targetGUID="F0000000-0000-0000-0000-000000000001"/>'
    inside = selection(0, 5, coding(4), note, "<Description>x</Description>")
    xml = project_xml(text_source(inside, note, content, path=None))
    book = xml[xml.index("<CodeBook>") : xml.index("<Sources>")]
    xml = xml.replace(book, "").replace("</Project>", f"{book}</Project>")
    path = write_zip(tmp_path / "a.qdpx", {"project.qde": xml})
    assert rows(path)[0]["text"] == "Hello"


def test_a_prefix_and_foreign_elements_do_no_harm(tmp_path):
    xml = project_xml(text_source(selection(0, 5, coding(4), '<Coding xmlns="urn:other"/>')))
    path = write_zip(tmp_path / "a.qdpx", {"project.qde": xml, "talk.txt": "Hello"})
    assert len(rows(path)) == 1
    tagged = xml.replace("</", "</q:").replace("<", "<q:").replace("<q:/q:", "</q:")
    tagged = tagged.replace("xmlns=", "xmlns:q=", 1).replace('<q:Coding xmlns="urn:other"/>', "")
    path = write_zip(tmp_path / "b.qdpx", {"project.qde": tagged, "talk.txt": "Hello"})
    assert len(rows(path)) == 1


def test_a_coding_without_user_is_its_passages_or_nobodys(tmp_path):
    by = 'creatingUser="{B0000000-0000-0000-0000-000000000002}"'
    inside = selection(0, 2, coding(4, user=0), attributes=by) + selection(2, 5, coding(4, user=0))
    path = write_project(tmp_path / "a.qdpx", text_source(inside))
    assert [row["coder"] for row in rows(path)] == ["Ben", ""]


def test_a_user_of_no_name_or_no_entry_is_told_apart(tmp_path):
    users = '<User guid="B0000000-0000-0000-0000-000000000001" id="AL"/>'
    inside = selection(0, 5, coding(4), coding(4, user=2))
    path = write_project(tmp_path / "a.qdpx", text_source(inside), users=users)
    assert [r["coder"] for r in rows(path)] == ["AL", "b0000000-0000-0000-0000-000000000002"]


def test_two_documents_and_two_users_of_one_name_stay_apart(tmp_path):
    inside = selection(0, 5, coding(4), coding(4, user=2))
    users = "".join(
        f'<User guid="B0000000-0000-0000-0000-00000000000{n}" name="User"/>' for n in (1, 2)
    )
    path = write_project(tmp_path / "a.qdpx", text_source(inside), text_source(inside), users=users)
    found = {(row["document"], row["coder"]) for row in rows(path)}
    assert found == {(d, c) for d in ("Talk", "Talk (2)") for c in ("User", "User (2)")}


def test_one_passage_in_two_selections_is_one_excerpt_and_a_repeat_counts_once(tmp_path):
    inside = [selection(0, 5, coding(4, user)) for user in (1, 2, 2)]
    table = read_raw_table(write_project(tmp_path / "a.qdpx", text_source(*inside)))
    assert table.frame["excerpt"].tolist() == ["Talk (0-5)"] * 2
    assert table.notes == ("1 coding given twice by one coder, counted once",)


def test_passages_without_codes_are_counted_and_can_be_seen(tmp_path):
    inside = selection(0, 2) + selection(2, 5, coding(4))
    path = write_project(tmp_path / "a.qdpx", text_source(inside))
    (note,) = read_raw_table(path).notes
    assert "1 passage without a code" in note
    assert "Talk (0-2)" in note
    assert [each.text for each in read_coded_project(path).selections] == ["He", "llo"]


OTHERS = f"""
<PDFSource guid="E0000000-0000-0000-0000-000000000002" name="Guide" path="internal://g.pdf">
  <PDFSelection guid="C0000000-0000-0000-0000-000000000002" page="2" firstX="1" firstY="2"
    secondX="3" secondY="4">{coding(4)}
    <Representation guid="E0000000-0000-0000-0000-000000000009">
      <PlainTextContent>on paper</PlainTextContent></Representation></PDFSelection>
  <Representation guid="E0000000-0000-0000-0000-000000000003">
    <PlainTextContent>Guide to all</PlainTextContent>{selection(6, 8, coding(4))}</Representation>
</PDFSource>
<PictureSource guid="E0000000-0000-0000-0000-000000000004" name="Board" path="b.png">
  <PictureSelection guid="C0000000-0000-0000-0000-000000000003" firstX="1" firstY="2"
    secondX="3" secondY="4">{coding(4)}</PictureSelection>{coding(3)}
</PictureSource>
<AudioSource guid="E0000000-0000-0000-0000-000000000005" name="Tape" path="t.mp3">
  <Transcript guid="E0000000-0000-0000-0000-000000000006">
    <PlainTextContent>I said yes</PlainTextContent>
    <SyncPoint guid="F0000000-0000-0000-0000-000000000001" position="7" timeStamp="100"/>
    <SyncPoint guid="F0000000-0000-0000-0000-000000000002" position="10" timeStamp="200"/>
    <TranscriptSelection guid="C0000000-0000-0000-0000-000000000004"
      fromSyncPoint="f0000000-0000-0000-0000-000000000001"
      toSyncPoint="F0000000-0000-0000-0000-000000000002">{coding(4)}</TranscriptSelection>
  </Transcript>
  <AudioSelection guid="C0000000-0000-0000-0000-000000000005" begin="0" end="99">{coding(4)}
  </AudioSelection>
</AudioSource>"""


def test_passages_of_pdfs_pictures_and_recordings_are_kept(tmp_path):
    path = write_project(tmp_path / "a.qdpx", OTHERS)
    assert [(row["excerpt"], row["text"]) for row in rows(path)] == [
        ("Guide (6-8)", "to"),
        ("Guide (2, 1, 2, 3, 4)", "on paper"),
        ("Board (1, 2, 3, 4)", ""),
        ("Board", ""),
        ("Tape (7-10)", "yes"),
        ("Tape (0, 99)", ""),
    ]
    (note,) = read_raw_table(path).notes
    assert note == "3 coded passages without text: Board (1, 2, 3, 4), Board, Tape (0, 99)"


def test_what_is_not_read_is_said(tmp_path):
    more = (
        '<Cases><Case guid="F0000000-0000-0000-0000-000000000003">'
        '<CodeRef targetGUID="A0000000-0000-0000-0000-000000000004"/></Case></Cases>'
        '<Notes><Note guid="F0000000-0000-0000-0000-000000000004"/></Notes>'
    )
    source = text_source(selection(0, 5, coding(4)), path="absolute:///home/me/old.txt")
    path = write_project(tmp_path / "a.qdpx", source, more=more)
    assert read_raw_table(path).notes == (
        "not read: 1 memo, 1 case, 1 code of a case",
        "plain text that lies outside the archive: absolute:///home/me/old.txt",
        "1 coded passage without text: Talk (0-5)",
    )
    assert rows(path)[0]["end"] == "5"


def test_codings_in_unexpected_places_are_counted(tmp_path):
    inside = selection(0, 5, coding(4), f"<Description>{selection(0, 5, coding(3))}</Description>")
    path = write_project(tmp_path / "a.qdpx", text_source(inside))
    assert read_raw_table(path).notes == ("not read: 1 coding where the standard knows none",)


@pytest.mark.parametrize("version", ["1.0", "0:4"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_codebook_of_either_version_is_read(tmp_path, version, encoding):
    path = tmp_path / "a.qdc"
    xml = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        f'<CodeBook xmlns="urn:QDA-XML:codebook:{version}">'
        '<Codes><Code guid="{1}" name="Größe"><Description> How\nmuch </Description>'
        '<Code guid="2" name="=klein" isCodable="0"/></Code></Codes></CodeBook>'
    )
    path.write_bytes(xml.encode(encoding))
    expected = [["Größe", "How\nmuch", ""], ["=klein", "", "Größe"]]
    assert read_raw_table(path).frame.fillna("").to_numpy().tolist() == expected
