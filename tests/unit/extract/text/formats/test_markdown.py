"""Markdown."""

from __future__ import annotations

import pytest

from pipeline.extract.text.formats.markdown import inline
from tests.unit.extract.text.formats.reading import blocks, read

pytestmark = pytest.mark.timeout(240)  # a guard against hostile files, not a measurement

MARKDOWN = "text/markdown"


def test_blocks_have_the_kinds_that_their_signs_say() -> None:
    result = read("""# Pump **P-7** ##

Text with a [link](http://example.com) and `code`.
Second line.

Parts
-----

- bolt
- nut
  of steel

  and a paragraph of it

After the list.

| Part | kg |
|------|:--:|
| Bolt | 2\\|3 |

```python
# no heading
x = 1
```
<!-- nothing -->
> quoted
***
end
""", MARKDOWN)
    assert blocks(result) == [
        ("heading", "Pump P-7"), ("text", "Text with a link and code.\nSecond line."), ("heading", "Parts"),
        ("list", "- bolt\n- nut\nof steel\n\nand a paragraph of it"), ("text", "After the list."), ("table", "Part\tkg\nBolt\t2|3"),
        ("code", "# no heading\nx = 1"), ("text", "quoted"), ("text", "end")]
    assert [block.level for block in result.pages[0].blocks if block.kind == "heading"] == [1, 2]
    assert [block.header_rows for block in result.pages[0].blocks if block.kind == "table"] == [1]
    assert (result.kind, result.pages[0].method) == ("markdown", "markdown")


def test_front_matter_gives_the_title_and_is_no_text() -> None:
    result = read('---\ntitle: "Pump: manual"\nauthor: K. Roth\nlang: de\n---\n\nText\n', MARKDOWN)
    assert (result.title, result.properties) == ("Pump: manual", {"title": "Pump: manual", "author": "K. Roth", "language": "de"})
    assert blocks(result) == [("text", "Text")]


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    assert blocks(read("---\n\nText without an end\n", MARKDOWN)) == [("text", "Text without an end")]


@pytest.mark.parametrize(("line", "shown"), [
    ("**bold** and *lean* and __both__", "bold and lean and both"), ("![drawing](a.png) [ref][1]", "drawing ref"),
    ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
    ("\\*not lean\\*", "*not lean*"), ("a<br>b <kbd>F1</kbd>", "ab F1"), ("x < y > z", "x < y > z"),
    ("[dimension] 5 [mm]", "[dimension] 5 [mm]"),
])
def test_signs_within_a_line_are_taken_out(line: str, shown: str) -> None:
    assert inline(line) == shown


def test_a_tag_over_two_lines_is_no_quote() -> None:
    assert blocks(read('<a id="x"\n></a>\n\ntext', MARKDOWN)) == [("text", "text")]


def test_code_that_is_never_closed_ends_with_the_file() -> None:
    assert blocks(read("text\n\n~~~\n# code", MARKDOWN)) == [("text", "text"), ("code", "# code")]


@pytest.mark.parametrize("line", [
    "[" * 20_000, "*a " * 6000, "#" + " " * 100_000 + "x", "| " * 50_000 + "\n" + "|-" * 50_000, "<!--" * 50_000, "`" * 20_000,
], ids=["brackets", "stars", "blanks", "bars", "comments", "ticks"])
def test_hostile_lines_are_read_in_good_time(line: str) -> None:
    read(line, MARKDOWN)
