from __future__ import annotations

from textwrap import dedent

from pytest_importcontract.shipment.markdown import read_page


def headings(text: str) -> list[tuple[int, int, str]]:
    page = read_page(dedent(text))
    return [(heading.line, heading.level, heading.text) for heading in page.headings]


def codes(text: str) -> list[tuple[int, str, str]]:
    """Of each block its line, its code, and the headings that it stands below."""
    return [
        (code.line, "|".join(code.lines), " > ".join(heading.text for heading in code.headings))
        for code in read_page(dedent(text)).codes
    ]


def test_headings_without_their_markup() -> None:
    text = """\
    # `shared` and **the** [rest](x.md) <b>of</b> it &amp; ✅ ![a *logo*](x.png) #

    Set in
    *two* lines
    ===========
    ####### no heading
    #none
    """
    assert headings(text) == [
        (1, 1, "shared and the rest of it & ✅ a logo"),
        (3, 1, "Set in two lines"),
    ]


def test_code_belongs_to_every_heading_above_it() -> None:
    text = """\
    ```python
    import before
    ```
    # A
    ## B
    ### C
    ```py
    import c
    ```
    ## D
    ```python3
    import d
    ```
    # E
    ### F
    ~~~pycon
    >>> import f
    ~~~
    """
    assert codes(text) == [
        (2, "import before|", ""),
        (8, "import c|", "A > B > C"),
        (12, "import d|", "A > D"),
        (17, ">>> import f|", "E > F"),
    ]


def test_languages() -> None:
    infos = ["Python", ' py title="a.py"', "python,ignore", "python{1-3}", "py3 # x"]
    others = ["", "pytest", "python2", "console", "pyi", "{.python}", "text python", "cpython"]
    for info in infos:
        assert len(codes(f"```{info}\nimport a\n```")) == 1, info
    for info in others:
        assert codes(f"```{info}\nimport a\n```") == [], info


def test_what_looks_like_code_and_is_none() -> None:
    text = """\
    <!--
    ```python
    import commented
    ```
    -->

        ```python
        import indented
        ```

    ````markdown
    ```python
    import shown
    ```
    ````
    `python import inline`
    """
    assert codes(text) == []


def test_quotations_and_lists_have_lines_of_their_own() -> None:
    text = """\
    # A
    > ## Quoted
    > ```python
    > import a
    >
    > import b
    > ```

    1. one

       ## Listed
       ```python
       import c
         import d
       ```
    ```python
    import e
    ```
    """
    assert codes(text) == [
        (4, "import a||import b|", "A > Quoted"),
        (13, "import c|  import d|", "A > Listed"),
        (17, "import e|", "A"),
    ]


def test_front_matter_is_no_heading() -> None:
    text = "---\ntitle: VERIFIED\nstatus: x\n---\n# A\n```python\nimport a\n```\n"
    assert headings(text) == [(5, 1, "A")]
    assert codes(text) == [(7, "import a|", "A")]


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    text = "---\n# A\n```python\nimport a\n```\n"
    assert codes(text) == [(4, "import a|", "A")]


def test_a_block_that_is_never_closed_and_other_line_ends() -> None:
    assert codes("# A\r\n\r\n```python\r\nimport a\r\n\r\nimport b") == [
        (4, "import a||import b", "A")
    ]
    assert codes("# A\r```py\rimport a\r```\r") == [(3, "import a|", "A")]


def test_lines_are_those_of_markdown_and_not_of_python() -> None:
    assert codes("a\x0cb\u2028c\n```py\nx = '\x0c\u2028'\nimport a\n```\n") == [
        (3, "x = '\x0c\u2028'|import a|", "")
    ]
