"""Files of the hostile package that no repository can hold: made when they are needed."""

from __future__ import annotations

import importlib.util
import marshal
import os
import shutil
import socket
import subprocess
import sysconfig
import zipfile
from pathlib import Path

DEEP = 5000  # modules, each of which imports the next
_ODD = "odd names"
_C = """\
#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "%(name)s", 0, -1, 0, 0, 0, 0, 0};
extern int no_such_function(void);
PyMODINIT_FUNC PyInit_%(name)s(void) { %(body)s; return PyModule_Create(&definition); }
"""
_EXTENSIONS = {
    "extension_fine": "",
    "extension_raises": 'PyErr_SetString(PyExc_OSError, "no device"); return 0',
    "extension_silent": "return 0",
    "extension_crashes": "*(volatile int *)0 = 1",
    "extension_undefined": "no_such_function()",
}


def make(package: Path) -> frozenset[str]:
    """Make them in a folder that is a package; the names of modules that cannot be made here."""
    _compiled(package)
    _zipped(package)
    _odd_names(package)
    _no_sources(package)
    return _extensions(package)


def _compiled(package: Path) -> None:
    """Modules without source."""

    def compiled(text: str, name: str) -> bytes:
        code = compile(text, f"{name}.py", "exec", dont_inherit=True)
        return importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code)

    whole = compiled("x = 1", "compiled_fine")
    for name, content in {
        "compiled_fine": whole,
        "compiled_raises": compiled("raise ValueError('from no source')", "compiled_raises"),
        "compiled_by_another": b"\0\0\r\n" + whole[4:],
        "compiled_truncated": whole[:30],
        "compiled_no_code": whole[:16] + marshal.dumps([1]),
        "compiled_empty": b"",
    }.items():
        package.joinpath(f"{name}.pyc").write_bytes(content)


def _zipped(package: Path) -> None:
    with zipfile.ZipFile(package / "archive.zip", "w") as archive:
        archive.writestr("zipped.py", "import zipped_too\n")
        archive.writestr("zipped_too.py", "x = 1\n")
        archive.writestr("zipped_raises.py", "\n\nraise ValueError('from a zip')\n")
        for number in range(DEEP):
            archive.writestr(f"deep{number}.py", f"import deep{number + 1}\n")
        archive.writestr(f"deep{DEEP}.py", "")
    package.joinpath("damaged.zip").write_bytes(b"PK\3\4 no zip at all")


def _odd_names(package: Path) -> None:
    """Modules that only a call can import, and packages of every kind around them."""
    folder = package / _ODD
    folder.mkdir()
    for name in (
        "new\nline",
        "with space",
        "\x1b[31mred",
        "sur\udc80rogate",
        "\u202eright",
        "-",
        "1",
    ):
        folder.joinpath(f"{name}.py").write_bytes(b"x = 1\n")
        folder.joinpath(f"{name} raises.py").write_bytes(b"raise ValueError('oddly')\n")
    folder.joinpath("a" * 250 + ".py").write_bytes(b"x = 1\n")


def _no_sources(package: Path) -> None:
    """What is called like a source file, and is none."""
    os.mkfifo(package / "a_fifo.py")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.open(package, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{here}/a_socket.py")  # of a path of any length
        os.close(here)
    package.joinpath("a_folder.py").mkdir()
    package.joinpath("a_loop.py").symlink_to("a_loop.py")
    package.joinpath("a_dangling_link.py").symlink_to("nowhere.py")
    package.joinpath("a_link.py").symlink_to("fine_a.py")


def _extensions(package: Path) -> frozenset[str]:
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    package.joinpath(f"extension_of_text{suffix}").write_bytes(b"this is no library\n" * 9)
    package.joinpath(f"extension_empty{suffix}").write_bytes(b"")
    dynamic = Path(sysconfig.get_path("platstdlib"), "lib-dynload")
    shipped = next(iter(sorted(dynamic.glob("_json*.so"))), None)
    if shipped is not None:
        shutil.copyfile(shipped, package / f"extension_of_another_name{suffix}")
    headers = sysconfig.get_path("include")
    missing = set() if shipped else {"extension_of_another_name"}
    for name, body in _EXTENSIONS.items():
        source = package / f"{name}.c"
        source.write_text(_C % {"name": name, "body": body}, "utf-8")
        command = ["gcc", "-shared", "-fPIC", f"-I{headers}", "-o", package / f"{name}{suffix}"]
        try:
            subprocess.run([*command, source], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            missing.add(name)
    return frozenset(missing)
