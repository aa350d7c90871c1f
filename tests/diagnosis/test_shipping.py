from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Told = Callable[..., str]

DOCKERFILE = """\
[services.backend.ships]
dockerfile = "Dockerfile"
"""


def dockerfile(*lines: str, starts: str = "app.main") -> str:
    return "\n".join(["FROM python:3.11", "WORKDIR /srv", *lines, f"CMD python -m {starts}", ""])


def test_a_link_ships_and_what_it_leads_to_does_not(told: Told, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/models.py").symlink_to("../common/models.py")
    files = {
        "Dockerfile": dockerfile("COPY app app"),
        "app/main.py": "import app.models\n",
        "common/models.py": "",
    }
    expected = """
backend cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'app.models'

  app/main.py:1   import app.models

  cause  app/models.py ships, but as a link: common/models.py is in this
         repository but no COPY in Dockerfile brings it into the image
  fix    ship it: COPY common/models.py /srv/common/models.py (after line 3)
"""
    assert told(files, DOCKERFILE) == expected
    more = {"Dockerfile": dockerfile("COPY app app", "COPY common/models.py common/models.py")}
    assert told({**files, **more}, DOCKERFILE) == "\nit holds\n"


def test_a_folder_that_copy_empties_into_another_has_lost_its_name(told: Told) -> None:
    files = {
        "Dockerfile": dockerfile("COPY app/ ./", starts="main"),
        "app/main.py": "import app.models\n",
        "app/models.py": "",
    }
    expected = """
backend cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'app'

  app/main.py:1   import app.models

  cause  app/ ships as /srv/, which is not called app
  fix    lay it where its name is app: COPY app/ /srv/app/
"""
    assert told(files, DOCKERFILE) == expected
    mended = dockerfile("COPY app/ ./", "COPY app/ /srv/app/", starts="main")
    assert told({**files, "Dockerfile": mended}, DOCKERFILE) == "\nit holds\n"


def test_a_folder_is_copied_where_its_name_can_be_imported(told: Told) -> None:
    """Not to where its place in the repository would put it."""
    files = {
        "Dockerfile": dockerfile("COPY services/api/ ./", starts="api.main"),
        "services/api/api/main.py": "import common.log\n",
        "libs/common/log.py": "",
    }
    expected = """
backend cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'common'

  services/api/api/main.py:1   import common.log

  cause  {why}
  fix    ship it: COPY libs/common/ /srv/common/ (after line 3){or_else}
"""
    why = "libs/common/ is in this repository but no COPY in Dockerfile brings it\n"
    why += "         into the image"
    install = "install the distribution that provides common, or remove the import"
    text = expected.format(why=why, or_else=f"\n         or {install}")
    assert told(files, DOCKERFILE) == text
    mended = dockerfile(
        "COPY services/api/ ./", "COPY libs/common/ /srv/common/", starts="api.main"
    )
    assert told({**files, "Dockerfile": mended}, DOCKERFILE) == "\nit holds\n"


def test_a_named_script_that_no_copy_brings(told: Told) -> None:
    files = {
        "Dockerfile": dockerfile("COPY app app"),
        "app/main.py": "",
        "tools/run.py": "import json\n",
    }
    contract = f'[services.backend]\nentrypoints = ["tools/run.py"]\n{DOCKERFILE}'
    expected = """
backend cannot start with what ships (Dockerfile)

  FileNotFoundError: [Errno 2] No such file or directory: '/srv/tools/run.py'

  contracts.toml:2   starts tools/run.py

  cause  tools/run.py is in this repository but no COPY in Dockerfile brings it
         into the image
  fix    ship it: COPY tools/run.py /srv/tools/run.py (after line 3)
"""
    assert told(files, contract) == expected
    more = {"Dockerfile": dockerfile("COPY app app", "COPY tools/run.py /srv/tools/run.py")}
    assert told({**files, **more}, contract) == "\nit holds\n"


def test_a_folder_of_the_image_that_is_written_to(told: Told) -> None:
    files = {
        "Dockerfile": dockerfile("COPY app app", "RUN mkdir -p /var/log/no-such-shop"),
        "app/main.py": 'open("/var/log/no-such-shop/app.log", "a")\n',
    }
    expected = """
backend cannot start with what ships (Dockerfile)

  FileNotFoundError: [Errno 2] No such file or directory:
  '/var/log/no-such-shop/app.log'

  app/main.py:1   open("/var/log/no-such-shop/app.log", "a")

  cause  /var/log/no-such-shop/ is in the image, but what ships is run from a
         copy that does not lie at /, so an absolute path in code does not lead
         there
  fix    take the path from a variable that ENV or runtime.env sets, or from
         __file__
"""
    assert told(files, DOCKERFILE) == expected


def test_a_module_that_a_command_of_the_build_may_make(told: Told) -> None:
    files = {
        "Dockerfile": dockerfile("COPY app app", "RUN make-stubs --out app"),
        "app/main.py": "import app.shop_pb2\n",
    }
    expected = """
backend cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'app.shop_pb2'

  app/main.py:1   import app.shop_pb2

  cause  app has no module shop_pb2, and no other module of this repository is
         called that, unless Dockerfile:4 makes it: RUN make-stubs --out app
  fix    make it here as well and add it to ships.files (contracts.toml:1), if
         Dockerfile:4 makes it
         or correct the name, or remove the import
"""
    assert told(files, DOCKERFILE) == expected


def test_a_line_to_add_names_its_file_where_nothing_else_does(told: Told) -> None:
    contract = f"""
[services.backend]
allowed_roots = ["app"]
{DOCKERFILE}
[[services.backend.integrations]]
name = "auth"
root = "auth"
through = ["app.door"]
"""
    files = {
        "Dockerfile": dockerfile("COPY app app"),
        "app/main.py": "import auth\n",
        "app/door.py": "",
        "auth/__init__.py": "",
    }
    expected = """
backend uses auth, which is no allowed root

  app/main.py:1   import auth  [eager, seen by both]

  cause  1 direct import of auth from outside allowed_roots
  rule   allowed_roots (contracts.toml:3): app
         integration "auth": auth is reached only through app.door
  fix    import it through app.door
         or add these modules to exempt of integration "auth"
         (contracts.toml:7), and ship it: COPY auth/ /srv/auth/ (after line 3 of
         Dockerfile)
"""
    assert told(files, contract, "allowed_roots") == expected
    files["app/main.py"] = "import app.door\n"
    assert told(files, contract, "allowed_roots") == "\nit holds\n"
