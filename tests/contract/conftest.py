"""Contract files to read: each fixture writes one and says what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_importcontract.contract.loader import load
from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.contract.model import Contract


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Contract]:
    def read(text: str | bytes, file: str = "contracts.toml") -> Contract:
        path = tmp_path / file
        path.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
        return load(path, file)

    return read


@pytest.fixture
def refusal(read: Callable[..., Contract]) -> Callable[..., str]:
    def refusal(text: str | bytes, file: str = "contracts.toml") -> str:
        with pytest.raises(MistakesError) as raised:
            read(text, file)
        return str(raised.value)

    return refusal
