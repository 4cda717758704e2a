"""The program's edge: it turns results and errors into exit codes and messages, and does nothing else."""

from __future__ import annotations

import gc
import os
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emdash_cli.domain.errors import EmdashError


def main() -> None:
    """Run the command line and exit. This is the entry point of ``emdash``."""
    # Imports and prepared articles create many objects but hardly any cycles, and looking for cycles every 700 objects
    # costs a tenth of a start and of a long run.
    gc.set_threshold(100_000)
    _open_closed_streams()
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pass  # The reader has closed the pipe.
    except OSError as error:
        sys.stderr.write(f"error: the output could not be written: {error.strerror}\n")
        code = 6
    # Everything is closed and written. Tearing down the interpreter would take a fifth of an idle run.
    os._exit(code)


def _open_closed_streams() -> None:
    """Replace streams that were closed before Python started, as by ``>&-``, with ones that discard what is written."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - open to the end


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code. A bug raises: Python then prints the traceback and exits with 1."""
    from emdash_cli.commands import cron
    from emdash_cli.domain.errors import EmdashError, Exit
    from emdash_cli.views import output

    try:
        line = cron.read(arguments, os.environ)
        return line.run() if line else _by_typer(arguments)
    except EmdashError as error:
        if _wants_document(arguments) and error.code != "output":
            _show_document(error)
        else:
            output.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return Exit.DONE


def _by_typer(arguments: list[str]) -> int:
    import typer
    from typer._click.exceptions import ClickException  # Typer 0.28 has no public name for it

    from emdash_cli.commands.app import build
    from emdash_cli.domain.errors import Exit, UsageError

    try:
        code = typer.main.get_command(build(arguments)).main(arguments, prog_name="emdash", standalone_mode=False)
    except ClickException as error:
        if _wants_document(arguments):
            hint = "`emdash -h` lists the commands, `emdash COMMAND -h` the options of one"
            _show_document(UsageError(error.format_message(), hint=hint))
        else:
            error.show()
        return Exit.USAGE
    except typer.Abort:
        return Exit.INTERRUPTED
    return code if isinstance(code, int) else Exit.DONE


def _show_document(error: EmdashError) -> None:
    from emdash_cli.views import json_form

    json_form.show_failure(error)


def _wants_document(arguments: list[str]) -> bool:
    """Whether the report should be one JSON document: with --json, or --format json where a command has it."""
    from emdash_cli.commands.app import command_in

    if "--json" in arguments:
        return True
    if command_in(arguments) == "export":  # Its --format is that of the files.
        return False
    pairs = {f"{option} {value}" for option, value in pairwise(arguments)}
    return bool({"--format json", "-f json"} & pairs or {"--format=json", "-fjson"} & set(arguments))


if __name__ == "__main__":
    main()
