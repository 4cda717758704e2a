"""The program's edge: exit codes, errors for people, and nothing else."""

from __future__ import annotations

import gc
import os
import sys
from itertools import pairwise


def main() -> None:
    """Run the command line and exit; the entry point of ``emdash``."""
    # Imports and prepared articles make many objects and hardly a cycle: looking for cycles every 700 objects
    # costs a tenth of a start and of a long run.
    gc.set_threshold(100_000)
    _open_closed_streams()
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pass  # whoever read the output has enough of it
    except OSError as error:
        sys.stderr.write(f"error: the output could not be written: {error.strerror}\n")
        code = 6
    # Everything is closed and written: taking the interpreter apart would cost a fifth of an idle run.
    os._exit(code)


def _open_closed_streams() -> None:
    """Python has None for a stream that was closed before it started, as by ``>&-``: what goes there goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - open to the end


def run(arguments: list[str]) -> int:
    """Run one command and answer its exit code; a bug raises, and Python exits with 1 and the traceback."""
    from emdash_cli.commands import cron
    from emdash_cli.domain.errors import EmdashError, Exit
    from emdash_cli.views import output

    try:
        line = cron.read(arguments, os.environ)
        return line.run() if line else _by_typer(arguments)
    except EmdashError as error:
        if _wants_document(arguments) and error.code != "output":
            output.json_document({"error": error.as_dict()})
        else:
            output.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return Exit.DONE


def _by_typer(arguments: list[str]) -> int:
    import typer
    from typer._click.exceptions import ClickException  # Typer 0.28 offers no public name for it

    from emdash_cli.commands.app import build
    from emdash_cli.domain.errors import Exit, UsageError
    from emdash_cli.views import output

    try:
        code = typer.main.get_command(build(arguments)).main(arguments, prog_name="emdash", standalone_mode=False)
    except ClickException as error:
        if _wants_document(arguments):
            hint = "`emdash -h` and `emdash COMMAND -h` tell what there is"
            output.json_document({"error": UsageError(error.format_message(), hint=hint).as_dict()})
        else:
            error.show()
        return Exit.USAGE
    except typer.Abort:
        return Exit.INTERRUPTED
    return code if isinstance(code, int) else Exit.DONE


def _wants_document(arguments: list[str]) -> bool:
    """Whether the report is to be one JSON document: --json, or --format json as `posts` and others have it too."""
    from emdash_cli.commands.app import command_in

    if "--json" in arguments:
        return True
    if command_in(arguments) == "export":  # there it is the form of the files
        return False
    pairs = {f"{option} {value}" for option, value in pairwise(arguments)}
    return bool({"--format json", "-f json"} & pairs or {"--format=json", "-fjson"} & set(arguments))


if __name__ == "__main__":
    main()
