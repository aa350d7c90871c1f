"""Makes a stand-in for the service's interpreter see what ships, before its first line runs.

A ``.pth`` file in the stand-in's own site-packages executes this text with `SETTINGS` given, so it
runs in every Python that the service starts: workers that are spawned, ``sys.executable``, ``python
-m``. Standard library only and Python 3.8 syntax. What ``site`` would do for the service's own
site-packages is done as the probe does it, by the probe's own functions.

`SETTINGS` has ``probe``, the probe's file; ``trace`` and ``signal``, a file and the signal that
asks for tracebacks in it; ``own``, the stand-in's site-packages, which leave the import path; and
``prefix``, ``sites``, ``last``, ``editable``, ``entries``, ``repository``, ``staged`` and
``allowed``, as the probe's request has them.
"""

from __future__ import annotations

import _frozen_importlib_external as external
import os
import site
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def start(settings: Any) -> None:
    """Set the import path, and all that goes along with it."""
    loader: Any = external.SourceFileLoader("importcontract", settings["probe"])
    probe: dict[str, Any] = {"__name__": "importcontract", "__file__": settings["probe"]}
    exec(loader.get_code("importcontract"), probe)
    trace = probe["high"](os.open(settings["trace"], os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC))
    probe["faulthandler"].register(settings["signal"], file=trace, all_threads=False)
    probe["leave_as_plain"]()
    boundary = probe["Boundary"](settings["repository"], settings["allowed"])
    if settings["staged"]:
        boundary.install()
    sys.path[:] = [entry for entry in sys.path if entry != settings["own"]]
    sys.prefix = sys.exec_prefix = settings["prefix"]
    site.PREFIXES[:] = [sys.prefix, sys.exec_prefix]
    probe["run_site_files"](settings["sites"], frozenset(settings["editable"]), boundary)
    sys.path += settings["last"]
    customize = site.execsitecustomize

    def execsitecustomize() -> None:
        site.execsitecustomize = customize
        customize()
        if settings["staged"]:
            probe["leave_out_repository"](settings["entries"], boundary)

    site.execsitecustomize = execsitecustomize


if "SETTINGS" in globals():
    try:
        start(globals()["SETTINGS"])
    except BaseException:  # site would go on with a path that is not the service's
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        os._exit(120)
