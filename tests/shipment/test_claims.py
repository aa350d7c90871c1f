from __future__ import annotations

import builtins
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from pytest_importcontract.contract.model import Documented
from pytest_importcontract.shipment.claims import read_claims

PAGE = """\
# Imports

```python
import top
```

## VERIFIED imports ✅

```python
from a import b
```

### BROKEN since May

```python
from a import old
import gone
```

### Works again

```python
import again
```

## Other

```python
import other
```
"""


class Page:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, text: str, **keys: Any) -> tuple[Documented, list[str]]:
        (self._folder / "a.md").write_text(dedent(text), "utf-8")
        found, mistakes = read_claims(Documented(file="a.md", **keys), self._folder)
        return found, [f"{path}: {what} ({advice})" for path, what, advice in mistakes]

    def claims(self, text: str = PAGE, **keys: Any) -> list[str]:
        found, mistakes = self.read(text, **keys)
        assert mistakes == []
        return [
            f"{claim.line} {claim.text} {'holds' if claim.holds else 'fails'}"
            + (f" by {claim.heading} ({claim.heading_line})" if claim.heading else "")
            for claim in found.claims
        ]

    def mistakes(self, text: str = PAGE, **keys: Any) -> list[str]:
        return self.read(text, **keys)[1]


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path)


def test_everything_holds_by_default(page: Page, tmp_path: Path) -> None:
    assert page.claims() == [
        "4 import top holds",
        "10 from a import b holds",
        "16 from a import old holds",
        "17 import gone holds",
        "23 import again holds",
        "29 import other holds",
    ]
    found, _ = page.read(PAGE)
    assert {claim.file for claim in found.claims} == {str(tmp_path / "a.md")}
    assert found.claims[1].imports == (("a", ("b",)),)


def test_everything_holds_but_what_fails(page: Page) -> None:
    by = "by BROKEN since May (13)"
    assert page.claims(fails=("*BROKEN*",)) == [
        "4 import top holds",
        "10 from a import b holds",
        f"16 from a import old fails {by}",
        f"17 import gone fails {by}",
        "23 import again holds",
        "29 import other holds",
    ]


def test_only_what_holds(page: Page) -> None:
    by = "by VERIFIED imports ✅ (7)"
    assert page.claims(holds=("*VERIFIED*",)) == [
        f"10 from a import b holds {by}",
        f"16 from a import old holds {by}",
        f"17 import gone holds {by}",
        f"23 import again holds {by}",
    ]
    assert page.read(PAGE, holds=("*VERIFIED*",))[0].unclaimed == 2


def test_the_nearest_heading_decides(page: Page) -> None:
    found = page.claims(holds=("*VERIFIED*", "*again"), fails=("*BROKEN*", "Imports"))
    assert found == [
        "4 import top fails by Imports (1)",
        "10 from a import b holds by VERIFIED imports ✅ (7)",
        "16 from a import old fails by BROKEN since May (13)",
        "17 import gone fails by BROKEN since May (13)",
        "23 import again holds by Works again (20)",
        "29 import other fails by Imports (1)",
    ]


def test_of_both_on_one_heading_fails_decides(page: Page) -> None:
    text = "# VERIFIED as BROKEN\n```py\nimport a\n```\n# VERIFIED\n```py\nimport b\n```\n"
    assert page.claims(text, holds=("VERIFIED*",), fails=("*BROKEN",)) == [
        "3 import a fails by VERIFIED as BROKEN (1)",
        "7 import b holds by VERIFIED (5)",
    ]


def test_a_traceback_claims_a_failure_whatever_the_heading(page: Page) -> None:
    text = "# Good\n```py\n>>> import a\nTraceback (most recent call last):\n>>> import b\n```\n"
    found = page.claims(text, holds=("Good",))
    assert found == ["3 import a fails", "5 import b holds by Good (1)"]


def test_conditional_and_guarded_imports_claim_nothing(page: Page) -> None:
    text = "```py\nif x:\n    import a\ntry:\n    import b\nexcept ImportError: pass\nimport c\n```"
    assert page.claims(text) == ["7 import c holds"]
    assert page.read(text)[0].unclaimed == 2


def test_imports_that_cannot_be_tried_are_claims(page: Page) -> None:
    found, mistakes = page.read("```py\nfrom .a import b\n```\n")
    assert mistakes == []
    assert [(claim.line, claim.fault) for claim in found.claims] == [
        (2, "it is relative, and a document belongs to no package")
    ]


# Nothing answers to it


def test_patterns_that_match_no_heading(page: Page) -> None:
    assert page.mistakes(holds=("*VERIFIED*", "*verified*", "Othr"), fails=("Nothing",)) == [
        (
            "('holds', 1): '*verified*' matches no heading of a.md "
            "('VERIFIED imports ✅' on line 7 differs by letter case)"
        ),
        "('holds', 2): 'Othr' matches no heading of a.md (did you mean 'Other'?)",
        "('fails', 0): 'Nothing' matches no heading of a.md (or set may_be_empty = true)",
    ]


def test_patterns_that_decide_nothing(page: Page) -> None:
    text = "# A\n## B\n```py\nimport b\n```\n# C\n```sh\nimport c\n```\n"
    assert page.mistakes(text, holds=("A", "B", "C"), fails=("[abc]",)) == [
        (
            "('holds', 0): no import of a.md is a claim for being below 'A' "
            "(or set may_be_empty = true)"
        ),
        (
            "('holds', 2): no import of a.md is a claim for being below 'C' "
            "(or set may_be_empty = true)"
        ),
        "('fails', 0): '[abc]' matches no heading of a.md ('A' on line 1 differs by letter case)",
    ]


def test_two_patterns_for_one_heading_are_fine(page: Page) -> None:
    assert page.mistakes(holds=("*VERIFIED*", "*✅")) == []


def test_a_file_that_claims_nothing(page: Page) -> None:
    said = (
        "(): a.md claims nothing: no ```python block below its headings has an import "
        "(or set may_be_empty = true)"
    )
    assert page.mistakes("# A\n```sh\nimport a\n```\n") == [said]
    assert page.mistakes("") == [said]
    assert page.mistakes("```py\ntry:\n    import a\nexcept ImportError: ...\n```\n") == [said]


def test_a_file_may_opt_out(page: Page) -> None:
    assert page.mistakes("", may_be_empty=True, holds=("A",)) == []


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    def mistakes(file: str) -> tuple[tuple[object, str, str], ...]:
        return read_claims(Documented(file=file, may_be_empty=True), tmp_path)[1]

    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "registry.md").write_bytes(b"# \xe4")
    assert mistakes("doc/registry.md") == (
        (("file",), "doc/registry.md does not exist", "did you mean docs/registry.md?"),
    )
    assert mistakes("x") == ((("file",), "x does not exist", ""),)
    assert mistakes("docs") == ((("file",), "docs cannot be read: Is a directory", ""),)
    assert mistakes("docs/registry.md") == (
        (("file",), "docs/registry.md is not UTF-8: byte 2 cannot be read", ""),
    )
    assert mistakes("a" * 300) == ((("file",), f"{'a' * 300} does not exist", ""),)


def test_a_byte_order_mark_is_no_text(page: Page) -> None:
    assert page.claims("\ufeff# A\n```py\nimport a\n```\n", holds=("A",)) == [
        "3 import a holds by A (1)"
    ]


def test_without_the_extra(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "markdown_it":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return found(name, *rest)

    monkeypatch.delitem(sys.modules, "markdown_it", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    assert page.mistakes() == [
        (
            "(): needs markdown-it-py, which is not installed here "
            "(pip install 'pytest-importcontract[documented]')"
        )
    ]
