"""Which target of the Makefile runs a test: the one that names what the test needs beyond Python, git and make.

A pytest plugin. A test says what it needs by the fixture that it asks for (``tracer``, ``chromium``, …) or by the
folder that it lies in, and gets the mark from here; a test that only takes long carries ``@pytest.mark.faults``
itself. Without ``-m``, pytest runs what carries none of these marks, as `make test` does.

``python -m tests.targets MARK`` says what is missing for the tests of a mark, and how to get it.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _pytest.mark import ParameterSet

TESTS = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MARK_OF_FIXTURE = {
    "bash": "browser",
    "chromium": "browser",
    "d1_engine": "d1",
    "d1_reference": "engines",
    "workerd": "engines",
    "disk": "faults",
    "private_mounts": "faults",
    "strace": "faults",
    "tracer": "faults",
    "d1_tracer": "faults",
    "prometheus": "metrics",
    "pds": "platforms",
    "mastodon": "platforms",
}
MARK_OF_FOLDER = {"live": "emdash"}


class Need(NamedTuple):
    """Something that a machine may lack.

    Attributes:
        why_not: answers why the tests cannot have it here; None if they can.
        remedy: how to get it.
    """

    why_not: Callable[[], str | None]
    remedy: str


def swept(*values: object) -> list[object | ParameterSet]:
    """Parameters of which the first is tried by `make test`, and the others are left to the exhaustive targets."""
    return [values[0], *(pytest.param(value, marks=pytest.mark.faults) for value in values[1:])]


def program(*names: str, package: str) -> Need:
    """One of these programs on PATH."""

    def why_not() -> str | None:
        return None if any(map(shutil.which, names)) else f"no {' or '.join(names)} on PATH"

    return Need(why_not, f"apt-get install {package}")


def no_x86_64_linux() -> str | None:
    """Why system calls cannot be traced: `tests.faults.kernel_calls` knows the registers of one platform."""
    if (sys.platform, platform.machine()) == ("linux", "x86_64"):
        return None
    return f"the tracer of system calls supports x86-64 Linux only, and this is {platform.machine()} {sys.platform}"


def no_private_mounts() -> str | None:
    """Why this user cannot mount in a namespace of its own."""
    return _failing(*private_mounts_command(), "mount", "-t", "tmpfs", "none", "/mnt")


def private_mounts_command() -> list[str]:
    """A mount namespace of its own, so that no mount outlives its process; root of a user namespace may mount too."""
    return ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]


def no_loop_mount() -> str | None:
    """Why no ext4 filesystem in a file can be mounted, whose power is then cut."""
    if os.geteuid() != 0:
        return "only root may mount the filesystem whose power is cut"
    with tempfile.TemporaryDirectory() as directory:
        image, place = Path(directory) / "image", Path(directory) / "mounted"
        place.mkdir()
        mount = ("unshare", "--mount", "--propagation", "private", "mount", "-t", "ext4", "-o", "loop", image, place)
        return _failing("mkfs.ext4", "-q", "-F", image, "8M") or _failing(*mount)


def no_d1_engines() -> str | None:
    """Why the D1 engines cannot be installed; the first time, they are."""
    from tests.d1_engine.install import EngineError, Packages

    try:
        packages = Packages()
        packages.workerd()
        packages.node()
    except EngineError as error:
        return str(error)
    return None


def no_pds() -> str | None:
    """Why no PDS can be installed; the first time, it is."""
    from tests.harness.node import NodeError
    from tests.platforms.real.servers import installed_pds

    try:
        installed_pds()
    except NodeError as error:
        return str(error)
    return None


def no_mastodon() -> str | None:
    """Why there is no Mastodon server."""
    from tests.platforms.real.servers import MASTODON

    return None if MASTODON.exists() else f"no {MASTODON}"


def _failing(*command: str | Path) -> str | None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        return f"no {command[0]} on PATH"
    except subprocess.CalledProcessError as error:
        return f"`{' '.join(map(str, command))}` fails: {error.stderr.strip()}"
    return None


COMPILER = (program("g++", "c++", package="g++"), program("make", package="make"))
PDS = (*COMPILER, Need(no_pds, "give pip and npm access to their registries"))
MASTODON = Need(no_mastodon, "make test-platforms, which installs it from PyPI")
STRACE = program("strace", package="strace")
BASH = program("bash", package="bash")
CHROMIUM = program(*BROWSERS, package="chromium")
TRACER = Need(no_x86_64_linux, "run them on x86-64 Linux, as CI does")
MOUNTS = Need(no_private_mounts, "apt-get install util-linux mount; then run as root, or allow user namespaces")
LOOP_MOUNTS = Need(
    no_loop_mount, "apt-get install util-linux mount e2fsprogs; then run as root where there are loop devices"
)
PROMETHEUS = program("prometheus", package="prometheus")
PROMTOOL = program("promtool", package="prometheus")
NEEDS = {
    "metrics": (PROMETHEUS, PROMTOOL),
    "faults": (TRACER, STRACE, MOUNTS, LOOP_MOUNTS),
    "browser": (CHROMIUM, BASH),
    "engines": (Need(no_d1_engines, "install Node 22 with npm, or give pip and npm access to their registries"),),
    "emdash": (*COMPILER, CHROMIUM),
    "platforms": (MASTODON, *PDS),
}
"""What each mark needs, the quickest to find out first."""


def missing(needs: Iterable[Need]) -> list[str]:
    """What is not there, and on the next line how to get it."""
    return [f"{why}\n    how to get it: {need.remedy}" for need in needs if (why := need.why_not())]


def demand(*needs: Need) -> None:
    """Fail the test, which was asked for, unless everything is there: it is never skipped."""
    if lacking := missing(needs):
        pytest.fail("\n".join(lacking), pytrace=False)


@pytest.hookimpl(optionalhook=True)  # where tests run in several processes
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, as many tests wait: for a retry, a lease, a process to end."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(tryfirst=True)  # before pytest selects by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test the marks of what it asks for."""
    for item in items:
        of_folder = MARK_OF_FOLDER.get(item.path.relative_to(TESTS).parts[0])
        of_fixtures = {MARK_OF_FIXTURE.get(name) for name in getattr(item, "fixturenames", ())}
        for mark in {of_folder} if of_folder else of_fixtures - {None}:
            item.add_marker(str(mark))


@pytest.fixture(scope="session")
def prometheus() -> str:
    """The server's program; promtool is beside it."""
    demand(PROMETHEUS, PROMTOOL)
    return str(shutil.which("prometheus"))


@pytest.fixture(scope="session")
def strace() -> None:
    """The program; see `tests.harness.tracing`."""
    demand(STRACE)


@pytest.fixture(scope="session")
def private_mounts() -> list[str]:
    """The command that starts another in a mount namespace of its own."""
    demand(MOUNTS)
    return private_mounts_command()


@pytest.fixture(scope="session")
def bash() -> str:
    """The shell that completes words."""
    demand(BASH)
    return str(shutil.which("bash"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program."""
    demand(CHROMIUM)
    return str(next(filter(None, map(shutil.which, BROWSERS))))


def main(mark: str) -> int:
    """Print what the tests of a mark lack here; 1 if anything."""
    lacking = missing(NEEDS[mark])
    for line in lacking:
        print(f"missing: {line}", file=sys.stderr)  # noqa: T201 - it is a program, too
    return int(bool(lacking))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
