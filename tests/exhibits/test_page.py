"""A table says of each cell what it holds: words, a number, or nothing."""

import pandas as pd
from markupsafe import Markup

from learning_with_others.exhibits.page import rows_html, table_html


def test_what_is_missing_is_a_dash_and_words_are_escaped(study):
    table = pd.DataFrame(
        {
            "group": ["Black", "<b>", ""],
            "children": pd.array([1234, pd.NA, 0], dtype="Int64"),
            "estimate": [0.12345, float("nan"), -2.0],
        }
    )
    shown = table_html(table, study, caption="R&D")
    assert shown.count("–") == 3
    for text in ("<td>Black</td>", "&lt;b&gt;", "1,234", "0.123", "−2", "R&amp;D"):
        assert text in shown
    assert "children" in shown  # what this study calls its students


def test_a_cell_can_lead_somewhere(study):
    def link(row, column, words):
        return Markup('<a href="#{}-{}">{}</a>').format(row, column, words)

    shown = rows_html(["a"], [["x & y"], [None]], study, link)
    assert '<a href="#0-0">x &amp; y</a>' in shown
    assert "#1-0" not in shown  # nothing leads nowhere
