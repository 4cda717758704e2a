"""How many of the package's modules a run loads, and how many files somebody opens who follows it.

A file is opened if one of its functions runs. For the way of an article, what serves every command alike is left out
(the command line, the settings, the session, the database and the report).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import emdash_cli

if TYPE_CHECKING:
    from tests.harness.site import Site

PACKAGE: Final = Path(emdash_cli.__file__).parent
EVERY_COMMAND: Final = (
    *("__main__.py", "commands/", "databases/", "domain/article.py", "domain/ulid.py", "settings.py"),
    *("store/layout.py", "store/session.py", "views/", "wiring.py"),
)
CODE: Final = """
import json, sys
from emdash_cli.__main__ import run
files = set()
def called(frame, event, _):
    if event == "call" and frame.f_code.co_flags & 1:  # a function, not the body of a class or module
        files.add(frame.f_code.co_filename)
sys.setprofile(called)
code = run(sys.argv[1:])
sys.setprofile(None)
modules = [module.__file__ for name, module in sys.modules.items() if name.split(".")[0] == "emdash_cli"]
print(json.dumps([code, sorted(files), modules]), file=sys.stderr)
"""


class Run(NamedTuple):
    """What a run loads: all modules of the package; and what it runs: the files of its functions."""

    modules: list[Path]
    files: list[str]


def followed(site: Site, command: str) -> Run:
    ran = subprocess.run(
        [sys.executable, "-c", CODE, command, "--quiet"], cwd=site.root, capture_output=True, text=True, check=True
    )
    code, files, modules = json.loads(ran.stderr)
    assert code == 0
    ours = [str(Path(path).relative_to(PACKAGE)) for path in files if path.startswith(f"{PACKAGE}/")]
    return Run([Path(path) for path in modules], ours)


def test_an_idle_sweep(site: Site) -> None:
    """Here even the files of every command are counted."""
    modules, files = followed(site, "sweep")
    assert len(modules) <= 28, modules
    assert len(files) <= 16, files


def test_one_article_on_its_way_from_the_queue_to_the_archive(bare: Site) -> None:
    bare.run("init").succeeds()
    bare.put("1-hello.json", category="News", tags=["one"], author="Ada")
    run = followed(bare, "publish-queue")
    assert bare.waiting() == []
    assert len(run.modules) <= 55, run.modules
    files = [path for path in run.files if not path.startswith(EVERY_COMMAND)]
    assert len(files) <= 34, files
