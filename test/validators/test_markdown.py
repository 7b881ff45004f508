"""Markdown, by a CommonMark parser with GitHub's tables, and with everything switched on that a name could abuse."""

import re

from markdown_it import MarkdownIt

LIMIT = 65_536  # characters in a comment of GitHub
ALLOWED = {"text", "code_inline", "strong_open", "strong_close"}


def parse(text):
    return MarkdownIt("gfm-like", {"html": True, "linkify": True, "typographer": False}).parse(text)


def test_fits(reports):
    assert len(reports.text("markdown").encode("utf-16-le")) // 2 <= LIMIT


def test_tables(reports):
    """Every row has the columns of its header, and there are as many tables as were meant."""
    tables, widths, width = 0, [], 0
    for token in parse(reports.text("markdown")):
        if token.type == "table_open":
            tables, widths = tables + 1, []
        elif token.type == "tr_open":
            width = 0
        elif token.type in ("th_open", "td_open"):
            width += 1
        elif token.type == "tr_close":
            widths.append(width)
        elif token.type == "table_close":
            assert len(set(widths)) == 1, widths
    assert tables == 6  # the matrix, changes, findings, what was not seen, what is accepted, what people answer


def test_rows_survive(reports):
    """A cell too many would be dropped silently: the source has as many pipes as the table has columns."""
    for line in reports.text("markdown").splitlines():
        if line.startswith("|"):
            assert line.count("|") in (6, 7, 5)
            assert not re.search(r"\\\|", line)


def test_names_are_data(reports):
    headings = 0
    for token in parse(reports.text("markdown")):
        assert token.type != "html_block"
        assert token.type.split("_")[0] in {"heading", "paragraph", "inline", "table", "thead", "tbody", "tr", "th", "td"}, token
        headings += token.type == "heading_open"
        for child in token.children or []:
            assert child.type in ALLOWED, child
            if child.type == "text":
                # what GitHub makes of text once it is HTML: mentions, issues, addresses, emoji, mathematics
                assert not re.search(r"@\w|#\d|www\.|://|\$|:[a-z_+-]+:|\bGH-\d", child.content), child.content
    assert headings == 6


def test_contents(reports):
    text = reports.text("markdown")
    for word in ("Incomplete", "unknown", "could not be entered", "cannot be observed now", "accepted", "attested"):
        assert word in text
