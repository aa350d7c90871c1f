"""Programs that install distributions and bring some of their own along.

A service is not expected to have them in the interpreter that its tests use, so nothing there tells
what they need. What is listed is what their releases need on Linux, of any version: it may be in
an image that installs them, so it is never said to be absent.
"""

from __future__ import annotations

from collections.abc import Mapping

_ENVIRONMENTS = "distlib filelock packaging platformdirs python-discovery typing-extensions"
_KEYS = (
    "backports-tarfile cffi cryptography importlib-metadata jaraco-classes jaraco-context "
    "jaraco-functools jeepney keyring more-itertools pycparser secretstorage zipp"
)
_BUILD = "build colorama importlib-metadata packaging pyproject-hooks tomli zipp"
_HTTP = "anyio certifi exceptiongroup h11 httpcore httpx idna sniffio typing-extensions"
_TERMINAL = "markdown-it-py mdurl pygments rich shellingham"
_POETRY = (
    f"{_BUILD} {_KEYS} {_ENVIRONMENTS} cachecontrol certifi charset-normalizer cleo crashtest "
    "dulwich fastjsonschema findpython html5lib idna installer jsonschema lockfile msgpack "
    "pbs-installer pexpect pkginfo poetry poetry-core poetry-plugin-export ptyprocess rapidfuzz "
    "requests requests-toolbelt shellingham six tomlkit trove-classifiers urllib3 virtualenv "
    "webencodings"
)
_PDM = (
    f"{_HTTP} {_TERMINAL} {_ENVIRONMENTS} argcomplete blinker cachecontrol dep-logic findpython "
    "hishel id installer msgpack pbs-installer pyproject-hooks python-dotenv requests "
    "requests-toolbelt resolvelib socks tomli tomlkit truststore unearth urllib3 virtualenv"
)
_HATCH = (
    f"{_HTTP} {_KEYS} {_TERMINAL} {_ENVIRONMENTS} click distro hatchling hyperlink pathspec "
    "pexpect pluggy ptyprocess pyproject-hooks tomli tomli-w tomlkit trove-classifiers truststore "
    "userpath uv virtualenv zstandard"
)

TOOLS: Mapping[str, frozenset[str]] = {
    name: frozenset(brings.split())
    for name, brings in {
        "build": _BUILD,
        "flit": "docutils flit-core pip requests tomli-w",
        "flit-core": "",
        "hatch": _HATCH,
        "hatchling": "packaging pathspec pluggy tomli trove-classifiers",
        "pdm": _PDM,
        "pdm-backend": "",
        "pip": "",
        "pip-tools": f"{_BUILD} click pip setuptools wheel",
        "pipenv": f"{_ENVIRONMENTS} certifi setuptools virtualenv virtualenv-clone",
        "pipx": "argcomplete click filelock packaging platformdirs userpath",
        "poetry": _POETRY,
        "poetry-core": "",
        "poetry-plugin-export": _POETRY,
        "setuptools": "",
        "uv": "",
        "virtualenv": f"{_ENVIRONMENTS} importlib-metadata",
        "wheel": "packaging",
    }.items()
}
"""By a tool's normalised name the names of what it may bring along."""
