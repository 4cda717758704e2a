"""``python docs/picture.py [FILE]``: run the tool on a terminal, in an empty directory, and draw its output as SVG."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS, ROWS = 100, 40
COMMANDS = (
    "emdash init --samples",
    "emdash publish-queue --dry-run --limit 2",
    "emdash publish-queue",
    "emdash calendar --days 30",
    "emdash status",
)
SHOWN = {"emdash init --samples": 4}
"""How many lines are shown of a command whose output is long."""
PICTURE = Path(__file__).parent / "terminal.svg"


def on_terminal(command: str, directory: Path) -> str:
    """What a command prints on a terminal of `COLUMNS` columns, with its colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    program = Path(sys.executable).with_name("emdash")
    words = [str(program), *command.split()[1:]]
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": str(directory)}
    process = subprocess.Popen(  # noqa: S603 - the commands above
        words, cwd=directory, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    printed = b""
    try:
        while chunk := os.read(ours, 65536):
            printed += chunk
    except OSError:
        pass  # Linux's way to say that the other end is closed
    finally:
        os.close(ours)
        process.wait()
    text = printed.decode().replace("\r\n", "\n").replace(str(directory.resolve()), "/srv/blog")
    return re.sub(r"[^\n]*\r", "", text)


def main(picture: Path) -> None:
    """Write the picture."""
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115, PTH123
    with tempfile.TemporaryDirectory() as directory:
        for command in COMMANDS:
            console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
            lines = on_terminal(command, Path(directory)).rstrip("\n").split("\n")
            most = SHOWN.get(command, len(lines))
            console.print(Text.from_ansi("\n".join(lines[:most] + ["…"] * (len(lines) > most))))
            console.print()
    svg = console.export_svg(title="emdash", unique_id="emdash")
    # The reader's own monospaced font will do: a picture that fetches fonts tells their host who reads.
    picture.write_text(re.sub(r"@font-face \{.*?\}\n?", "", svg, flags=re.DOTALL), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else PICTURE)
