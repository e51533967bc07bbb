"""A study whose passages try to tell who spoke, and what must not leave it."""

import csv
import html
import json
import re
import shutil
import unicodedata

import pandas as pd
import yaml
from conftest import ROOT

from learning_with_others.files import hash_file

SCHOOLS = {"A": "Lincoln High", "B": "Mount Vernon Academy", "C": "C", "D": "D"}
SPEAKERS = [
    f"{first} {last}"
    for first in ("Maria", "Deshawn", "Aaliyah")
    for last in ("Lopez", "Obi", "Vang", "Poe")
]
HOSTILE = [
    "Maria says my answers are wrong all of the time",
    "then Tyrone took the sheet away and kept it all week",
    "my friend maria lopez wrote down what was mine alone",
    "aaliyah never hears what anybody else in here would like",
    "MY TEACHER NEVER ASKS KAYLA ABOUT ANY OF IT",
    "we went to lincoln before we all moved out to this place",
    "at mount vernon they let you choose whom you sit with",
    "&#75;ayla never lets me finish what it is I say",
    "K\u200bayla never lets me finish what it is I write",
    "\N{FULLWIDTH LATIN CAPITAL LETTER K}ayla never lets me finish what it is I read",
    "%4Bayla never lets me finish what it is I draw",
    "Mr. K. never lets me finish what it is I build",
    "the one from ms rivera's class laughed at how I speak",
    "D'Angelo and McKay laughed at how I count to ten",
    "on tuesday they had settled everything before I came in",
    "it all started on 12 march when they all walked out",
    "since 2019 nobody has asked me about anything at all",
    "call me at 555 123 4567 about what they did to us",
    "write to kid@example.org about what they did to me",
    "I posted it as @quietkid after the project was over",
    "玛丽亚从来不让我把话说完",
    "my number is 123456 and they all of them know it",
    "ask G01-x about why they laughed when I read aloud",
    "it was in the homework club tapes that I said it",
    "I told {{number: benefit.gap/gpa}} how it felt to be out",
    "\u202eaira\u202c told me it was all my own fault again",
    "She-is-called-Kayla and she runs the whole of the table",
    "yes ok",
    "Kayla.",
]  # fmt: skip
SAFE = [
    "nobody reads what I write down on our poster anyway",
    "it gets better once [name] has explained the first step",
    "every single time the loud ones pick their parts before us",
]
FEW = [
    "the chairs squeak so much that we give up talking",
    "our tables wobble when three of us lean on them",
]
TWO_VOICES = [f"we two wrote version {word} of the lab report by ourselves" for word in
              "one two three four five six seven eight nine ten eleven twelve".split()]  # fmt: skip
TWICE = [f"somebody read part {word} aloud while others slept through" for word in
         "one two three four five six".split()]  # fmt: skip
PARAPHRASES = {
    SAFE[0]: "A member felt that written work of theirs went unread.",
    SAFE[1]: "it gets better once [name] has explained the first step to them",  # their own words
    SAFE[2]: "Kayla felt that louder members chose parts first.",  # names somebody
}
DOCUMENT = "Homework club tapes"


def passages():
    """Rows of the excerpts, in the order of the file: hostile passages first."""
    cells = [
        ("relevance", [*HOSTILE, *SAFE], SPEAKERS),
        ("space", FEW, SPEAKERS),
        ("time", TWO_VOICES, SPEAKERS[:2]),
        ("testing", TWICE, SPEAKERS),
    ]
    rows = []
    for theme, texts, speakers in cells:
        for place, text in enumerate(texts):
            speaker = speakers[place % len(speakers)]
            row = {
                "excerpt": f"E{len(rows):03d}",
                "document": DOCUMENT if place % 2 else f"Talk with {speaker}",
                "session": f"G{place % 4:02d}-x",
                "school": "A" if place % 2 else "B",
                "source": "student focus group",
                "group": "Black",
                "speaker": speaker,
                "theme": theme,
                "coder": "first",
                "text": text,
                "paraphrase": PARAPHRASES.get(text, ""),
                "start": "0",
                "end": str(len(text)),
                "sentiment": "negative",
            }
            rows.append(row)
            if text in TWICE:
                rows.append(row | {"coder": "second", "excerpt": f"E{len(rows):03d}"})
    return rows


def hostile_study(folder, quotations, policy, change=None):
    """Write the study into a folder and give the folder."""
    shutil.copytree(ROOT / "data/learning-with-others", folder)
    for path in (folder / "raw").glob("*.csv"):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        if path.stem == "excerpts":
            table = pd.DataFrame(passages())
        if "school" in table:
            table["school"] = table["school"].map(SCHOOLS)
        table.to_csv(path, index=False)
    with (folder / "codebook.csv").open("a", newline="") as file:
        csv.writer(file).writerow(["excerpts", "paraphrase", "Paraphrase", "text", "", "", ""])
    definition = yaml.safe_load((folder / "study.yaml").read_text())
    definition["disclosure"]["policy"] = policy
    if policy == "public":
        definition["synthetic"] = False
        del definition["simulation"]
    definition["qualitative"]["quotations"] = quotations
    for table in definition["tables"].values():
        if "sha256" in table:
            table["sha256"] = hash_file(folder / table["path"])
    if change:
        change(definition)
    (folder / "study.yaml").write_text(yaml.safe_dump(definition, sort_keys=False))
    return folder


def letters(text):
    """Letters only, whatever stands between them: a search unlike the compendium's own."""
    text = unicodedata.normalize("NFKC", html.unescape(html.unescape(text))).casefold()
    return "".join(re.findall(r"[^\W\d_]", text))


def everything(folder):
    """Letters of all that a folder would publish, names of files included."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in {".png", ".npz", ".parquet"}:
            text = path.read_text(encoding="utf-8")
            found.append(path.name)
            found.append(
                json.dumps(json.loads(text), ensure_ascii=False) if path.suffix == ".json" else text
            )
    return letters("\n".join(found))


def leaks(shown, allowed=()):
    """Passages, paraphrases and names of which a stretch of letters is shown."""
    for quote in allowed:
        shown = shown.replace(letters(quote), "|")
    names = ["Lopez", "Deshawn", "Aaliyah", "Vang", "Lincoln", "Vernon", "Kayla", "Tyrone", "tapes"]
    texts = [
        r[c] for r in passages() for c in ("text", "paraphrase") if r["text"] not in HOSTILE[-2:]
    ]
    stretches = {letters(t)[k : k + 20] for t in texts for k in range(max(1, len(letters(t)) - 19))}
    wanted = {*(s for s in stretches if s), *(letters(name) for name in names)}
    return sorted(each for each in wanted if each in shown)
