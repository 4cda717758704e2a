"""Takes each guard of the job queue out, one at a time, and shows which tests notice: ``python -m tests.jobs.mutants``.

A guard that can be taken out without a failure is a guard that nothing proves.
"""

# ruff: noqa: E501 - what is taken out stands on one line with its guard

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

TOP = Path(__file__).parents[2]
JOBS = ("tests/jobs/test_claims.py", "tests/jobs/test_leases.py", "tests/jobs/test_runner.py")
STORE = ("tests/store/test_announcing.py", "tests/jobs/test_lanes.py")


class Mutant(NamedTuple):
    """A guard, where it stands, and what stands there without it."""

    guard: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = JOBS


CLAIMING = "jobs/sql/claiming.py"
SENDING = "jobs/sql/sending.py"
LEASES = "jobs/sql/leases.py"
ANNOUNCING = "store/announcing.py"
RUNNER = "jobs/runner.py"
_HELD = "{job}.id = b.value ->> 0 AND {job}.claim = b.value ->> 1"

MUTANTS = (
    Mutant("a paused lane gives nothing", CLAIMING, "WHERE l.paused_at IS NULL AND l.closed", "WHERE l.closed"),
    Mutant("a closed lane gives nothing", CLAIMING, "AND l.closed_until <= ?2 AND", "AND"),
    Mutant("a claim is not repeated while its jobs run", CLAIMING, "?2 AND {_NONE_RUNS} AND", "?2 AND"),
    Mutant("a claim is not repeated after they have ended", CLAIMING, " AND {_NOT_GRANTED}\n", "\n"),
    Mutant("what was granted is taken once", CLAIMING, "WHERE granted <> '[]'", "WHERE granted = 'never'"),
    Mutant("requests at once", CLAIMING, "turn <= jobs AND", ""),
    Mutant("rate", CLAIMING, "before < rate AND", ""),
    Mutant("budget", CLAIMING, " AND before + units <= budget", ""),
    Mutant("budget of the period", CLAIMING, "{_period(lane)}, {lane}.spent, 0)", "{_period(lane)}, {lane}.spent, {lane}.spent)"),
    Mutant("a clock that went back", CLAIMING, "BETWEEN CAST(?4 AS INTEGER) AND {latest}", ">= CAST(?4 AS INTEGER)"),
    Mutant("not before its time", CLAIMING, "AND d.run_after <= ?2\n", "\n"),
    Mutant("only what is pending", CLAIMING, "WHERE d.state = 'pending' AND d.lane = o.lane", "WHERE d.lane = o.lane"),
    Mutant("the claim is the fence", SENDING, _HELD, "{job}.id = b.value ->> 0"),
    Mutant("a part that is out may not go", SENDING, "AND s.claim = j.claim AND s.done_at IS NULL)", "AND s.claim = j.claim)"),
    Mutant("a part of another claim may not go", SENDING, "AND s.claim = j.claim AND s.done_at", "AND s.done_at"),
    Mutant("the first texts are kept", SENDING, " AND publish_jobs.payload IS NULL", ""),
    Mutant("a part is reported by its claim", SENDING, "\n  AND job_steps.claim = b.value ->> 1 AND", "\n  AND"),
    Mutant("an outcome is recorded once", SENDING, 'AND job_attempts.ended_at IS NULL"""\nEND_STEPS', '"""\nEND_STEPS'),
    Mutant("an unknown part is not forgotten", SENDING, '{_HELD} WHERE NOT {_value(Ending, "keeps_step")}', "{_HELD}"),
    Mutant("parts that are out are not forgotten", SENDING, "DELETE FROM job_steps WHERE done_at IS NULL AND", "DELETE FROM job_steps WHERE"),
    Mutant("what was begun is not released", SENDING, '{_HOLDS} AND NOT {is_sent("publish_jobs")}', "{_HOLDS}"),
    Mutant("what was begun is not refunded", SENDING, '{_HELD} WHERE NOT {is_sent("j")} GROUP', "{_HELD} GROUP"),
    Mutant("what was not sent is refunded", SENDING, "spent = max(0, spent - c.unsent)", "spent = spent"),
    Mutant("a lease ends twice", LEASES, "{_ran_out(job)} AND {job}.suspected", "{_ran_out(job)}"),
    Mutant("a suspected lease gets time", LEASES, "suspected = 1, lease_until = ?2", "suspected = 1"),
    Mutant("a renewal clears the suspicion", LEASES, "lease_until = ?2, suspected = 0\nWHERE state", "lease_until = ?2\nWHERE state"),
    Mutant("unknown is not sent again", LEASES, "THEN 'unknown'", "THEN 'pending'"),
    Mutant("five crashes", LEASES, "crashes + 1 >= {MOST_CRASHES} THEN 'dead'", "0 THEN 'dead'"),
    Mutant("bystanders of a crash", LEASES, "crashes = crashes + {_SENT}", "crashes = crashes + 1"),
    Mutant("leases from the future", LEASES, " OR {job}.lease_until > ?3", ""),
    Mutant("lost attempts are marked", LEASES, "SET lost_at = ?1\n", "SET lost_at = NULL\n"),
    Mutant("parts are begun again where that does no harm", LEASES, "AND l.idempotent)", "AND 0)"),
    Mutant("unknown parts are not begun again", LEASES, "AND l.idempotent)", ")"),
    Mutant("lost units are refunded", LEASES, "spent = max(0, spent - c.unsent)", "spent = spent"),
    Mutant("not what was there before the lane", ANNOUNCING, "p.published_at >= n.since\n      AND ", "", STORE),
    Mutant("not what is too late at once", ANNOUNCING, "\n        AND p.published_at >= coalesce({oldest}, '')", "", STORE),
    Mutant("only what was not public", ANNOUNCING, "a.status_before IS NOT 'published' AND n.removed_at", "n.removed_at", STORE),
    Mutant("only where it is wanted", ANNOUNCING, "n.removed_at IS NULL AND {_IS_WANTED}\n", "n.removed_at IS NULL\n", STORE),
    Mutant("not what is imported", ANNOUNCING, "(?6 AND p.published_at", "(?6 IS NOT NULL AND p.published_at", STORE),
    Mutant("once in its life", ANNOUNCING, "coalesce({oldest}, '')))\n    ON CONFLICT DO NOTHING", "coalesce({oldest}, '')))", STORE),
    Mutant("changes go where the post was", ANNOUNCING, "n.sends_updates AND EXISTS", "n.sends_updates OR EXISTS", STORE),
    Mutant("changes not sent yet are one", ANNOUNCING, "AND j.kind = 'update' AND j.state = 'pending'", "AND j.kind = 'none'", STORE),
    Mutant("a lane that comes back begins anew", ANNOUNCING, "iif(removed_at IS NULL, since, ?2)", "since", STORE),
    Mutant("lanes of other settings end", ANNOUNCING, "SET removed_at = ?2", "SET removed_at = NULL", STORE),
    Mutant("nothing leaves after the lease", RUNNER, "elif time.monotonic() >= job.held_until:", "elif False:"),
    Mutant("nothing leaves that is not held", RUNNER, "if job.holds not in allowed:", "if False:"),
)  # fmt: skip


def survives(mutant: Mutant, folder: Path) -> str | None:
    """Which test noticed; None if none did."""
    file = folder / "emdash_cli" / mutant.file
    original = file.read_text("utf-8")
    assert original.count(mutant.old) >= 1, (mutant.guard, "is not there any more")
    file.write_text(original.replace(mutant.old, mutant.new), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", "not d1", *mutant.tests]
    try:
        told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    finally:
        file.write_text(original, "utf-8")
    failed = [line for line in told.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" ")[1].rpartition("::")[2] if failed else None


def main() -> int:
    """Try all of them, or those whose guard has the word given."""
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    alive = 0
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        for name in ("emdash_cli", "tests", "docs", "schema.sql", "pyproject.toml"):
            copy = shutil.copytree if (TOP / name).is_dir() else shutil.copy
            copy(TOP / name, folder / name)
        for mutant in MUTANTS:
            if word in mutant.guard:
                noticed = survives(mutant, folder)
                alive += noticed is None
                print(f"{mutant.guard:48} {noticed or 'SURVIVES'}", flush=True)  # noqa: T201
    return alive


if __name__ == "__main__":
    sys.exit(main())
