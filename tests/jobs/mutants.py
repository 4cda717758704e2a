"""Takes each guard of the job queue out, one at a time, and shows which tests notice: ``python -m tests.jobs.mutants``.

A guard that can be taken out without a failure is a guard that nothing proves.
"""

# ruff: noqa: E501 - what is taken out stands on one line with its guard

from __future__ import annotations

import re
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
WENT_LIVE = "store/went_live.py"
RUNNER = "jobs/runner.py"
JUDGE = "jobs/judge.py"
POOL = "jobs/pool.py"
RUNS = ("tests/jobs/test_runner.py",)
JUDGES = ("tests/jobs/test_judge.py",)
_NONSENSE = re.compile("SyntaxError|syntax error|no such column|ambiguous column|number of bindings")
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
    Mutant("leases from the future", LEASES, " OR {job}.lease_until > ?3", " AND ?3 IS NOT NULL"),
    Mutant("lost attempts are marked", LEASES, "SET lost_at = ?1\n", "SET lost_at = NULL\n"),
    Mutant("parts are begun again where that does no harm", LEASES, "AND l.idempotent)", "AND 0)"),
    Mutant("unknown parts are not begun again", LEASES, "AND l.idempotent)", ")"),
    Mutant("lost units are refunded", LEASES, "spent = max(0, spent - c.unsent)", "spent = spent"),
    Mutant("not what was there before the lane", ANNOUNCING, "p.published_at >= n.since\n        AND ", "", STORE),
    Mutant("not what is too late at once", ANNOUNCING, "\n        AND p.published_at >= coalesce({oldest}, '')", "", STORE),
    Mutant("only what was not public", ANNOUNCING, "a.status_before IS NOT 'published' AND n.removed_at", "n.removed_at", STORE),
    Mutant("only where it is wanted", ANNOUNCING, "n.removed_at IS NULL AND {IS_WANTED}\n", "n.removed_at IS NULL\n", STORE),
    Mutant("not what is imported", ANNOUNCING, "(?6 AND p.published_at", "(?6 IS NOT NULL AND p.published_at", STORE),
    Mutant("once in its life", ANNOUNCING, "coalesce({oldest}, '')))\n    ON CONFLICT DO NOTHING", "coalesce({oldest}, '')))", STORE),
    Mutant("changes go where the post was", ANNOUNCING, "n.sends_updates AND EXISTS", "n.sends_updates OR EXISTS", STORE),
    Mutant("changes not sent yet are one", ANNOUNCING, "AND j.kind = 'update' AND j.state = 'pending'", "AND j.kind = 'none'", STORE),
    Mutant("a lane that comes back begins anew", ANNOUNCING, "iif(removed_at IS NULL, since, ?2)", "iif(?2 IS NULL, ?2, since)", STORE),
    Mutant("lanes of other settings end", ANNOUNCING, "SET removed_at = ?2", "SET removed_at = nullif(?2, ?2)", STORE),
    Mutant("nothing leaves after the lease", RUNNER, "elif time.monotonic() >= job.held_until:", "elif False:"),
    Mutant("nothing leaves that is not held", RUNNER, "if job.holds not in allowed:", "if False:"),
    # Claims.
    Mutant("urgent first", CLAIMING, "PARTITION BY d.lane ORDER BY d.priority, d.run_after", "PARTITION BY d.lane ORDER BY d.run_after"),
    Mutant("units of a thread count one by one", CLAIMING, "sum(d.units) OVER w - d.units AS before", "count(*) OVER w - 1 AS before"),
    Mutant("a clock that went back brings no new budget", CLAIMING, 'max(spent_in, {_period("publish_lanes")})', '{_period("publish_lanes")}'),
    Mutant("no more than was asked for", CLAIMING, "ORDER BY priority, run_after, id LIMIT CAST(?3 AS INTEGER)\n)", "ORDER BY priority, run_after, id\n)"),
    Mutant("a claim answers its own jobs alone", CLAIMING, "AND j.lane = w.value AND j.claim = ?1\nCROSS JOIN publish_lanes", "AND j.lane = w.value\nCROSS JOIN publish_lanes"),
    Mutant("only parts that are out are sent on from", CLAIMING, "WHERE s.job_id = j.id AND s.done_at IS NOT NULL ORDER", "WHERE s.job_id = j.id ORDER"),
    Mutant("nothing is awaited of a paused lane", CLAIMING, "l.lane = s.value\n    AND l.paused_at IS NULL AND", "l.lane = s.value\n    AND"),
    Mutant("nothing is awaited of a lane without budget", CLAIMING, ' AND coalesce(l.budget > {_spent("l")}, 1)', ' AND coalesce(l.budget > {_spent("l")}, 1) IS NOT NULL'),
    Mutant("the end of a lease is awaited", CLAIMING, "SELECT min(r.lease_until) FROM publish_jobs AS r WHERE r.state = 'running'", "SELECT NULL"),
    # Sending.
    Mutant("a request is marked", SENDING, "statements = [Statement(BEGIN, (packed, now, worker))]", "statements = []"),
    Mutant("a mark that is sent twice is one", SENDING, "{_HELD}\nWHERE 1 ON CONFLICT DO NOTHING", "{_HELD}"),
    Mutant("a part's mark that is sent twice is one", SENDING, "IS NOT NULL ON CONFLICT DO NOTHING", "IS NOT NULL"),
    Mutant("attempts end before their job's row changes", SENDING, "        Statement(END_ATTEMPT, dated),\n        *([Statement(END_STEPS", "        Statement(END_JOBS, dated),\n        Statement(END_ATTEMPT, dated),\n        *([Statement(END_STEPS"),
    Mutant("a lane stays closed for the longer time", SENDING, "max(closed_until, coalesce(c.until, ''))", "coalesce(c.until, '')"),
    Mutant("the first reason of a pause stays", SENDING, "paused_reason = coalesce(paused_reason, iif(c.pauses, c.error, NULL))", "paused_reason = iif(c.pauses, c.error, NULL)"),
    Mutant("a pause stays", SENDING, "paused_at = coalesce(paused_at, iif(c.pauses, ?2, NULL))", "paused_at = iif(c.pauses, ?2, NULL)"),
    Mutant("an ended job says when", SENDING, "= 'pending', NULL, ?2)", "= 'pending', NULL, NULL)"),
    Mutant("costs add up", SENDING, 'cost_usd = coalesce(cost_usd + {_value(Ending, "cost_usd")}, ', "cost_usd = coalesce("),
    Mutant("late reports are named", SENDING, "WHERE a.applied IS NOT 1", "WHERE 0"),
    Mutant("what is released is refunded", SENDING, "return [Statement(REFUND_RELEASED, (packed,)), ", "return ["),
    Mutant("it is refunded before it is released", SENDING, "[Statement(REFUND_RELEASED, (packed,)), Statement(RELEASE, (packed,))]", "[Statement(RELEASE, (packed,)), Statement(REFUND_RELEASED, (packed,))]"),
    # Leases.
    Mutant("attempts are lost before their job's row changes", LEASES, "(LOSE_ATTEMPTS, REFUND_LOST, FORGET_STEPS, TAKE_BACK)", "(TAKE_BACK, LOSE_ATTEMPTS, REFUND_LOST, FORGET_STEPS)"),
    Mutant("leases are held by their claim", LEASES, "WHERE state = 'running' AND claim IN (SELECT value FROM json_each(?1))\"\"\"\nSTILL", "WHERE state = 'running'\"\"\"\nSTILL"),
    Mutant("parts that are out are not to be paid again", LEASES, 'units = max(1, units - {_steps("publish_jobs", " AND s.done_at IS NOT NULL")})', "units = units"),
    Mutant("parts that are out are not refunded", LEASES, 'max(1, {_steps("e")})', "1"),
    Mutant("what comes back is due at once", LEASES, "suspected = 0, run_after = min(run_after, ?1)\nWHERE", "suspected = 0\nWHERE"),
    Mutant("what was not sent keeps its history", LEASES, "category = iif({_SENT}, 'worker_lost', category)", "category = 'worker_lost'"),
    Mutant("parts that are out are not begun again", LEASES, "DELETE FROM job_steps WHERE done_at IS NULL AND job_id", "DELETE FROM job_steps WHERE job_id"),
    # What follows when something went live.
    Mutant("not to a lane that was removed", ANNOUNCING, "a.status_before IS NOT 'published' AND n.removed_at IS NULL AND", "a.status_before IS NOT 'published' AND", STORE),
    Mutant("no change to a lane that was removed", ANNOUNCING, "a.status_before = 'published' AND n.removed_at IS NULL\n", "a.status_before = 'published'\n", STORE),
    Mutant("changes are of what was public", ANNOUNCING, "WHERE {which} AND a.status_before = 'published' AND", "WHERE {which} AND", STORE),
    Mutant("no change before the announcement", ANNOUNCING, "\n          AND j.state IN ('running', 'done', 'unknown')", "", STORE),
    Mutant("another change is another job", ANNOUNCING, " AND j.change = {change})", ")", STORE),
    Mutant("a file's own platforms go first", ANNOUNCING, "CASE WHEN l.platforms IS NULL", "CASE WHEN 1", STORE),
    Mutant("a post of no stream is one of the default stream", ANNOUNCING, "coalesce(l.stream, '')", "l.stream", STORE),
    Mutant("too late is what is dated back", ANNOUNCING, '{_moved("p.published_at", "+")}, {change}', "NULL, {change}", STORE),
    Mutant("every change of the public site", ANNOUNCING, "(n.every_change OR (?6", "((?6", STORE),
    Mutant("every change, where it is wanted", ANNOUNCING, "WHEN n.every_change THEN {IS_WANTED} WHEN NOT", "WHEN n.every_change THEN 1 WHEN NOT", STORE),
    Mutant("a lane is added once", ANNOUNCING, "WHERE 1 ON CONFLICT DO NOTHING", "", STORE),
    Mutant("a lane ends once", ANNOUNCING, "WHERE removed_at IS NULL AND lane NOT IN", "WHERE lane NOT IN", STORE),
    Mutant("imports say so", WENT_LIVE, "0 if changes.are_imported else 1", "1", STORE),
    # The runner.
    Mutant("nothing is marked that cannot leave at once", RUNNER, " and (self._pool.free - tasks > 0 or self._ready[0].is_idempotent):", ":", RUNS),
    Mutant("nothing is claimed after a stop", RUNNER, "claims = room > 0 and not self._is_stopping and", "claims = room > 0 and", RUNS),
    Mutant("no part follows after a stop", RUNNER, "if not is_last and not self._is_stopping:", "if not is_last:", RUNS),
    Mutant("what was not begun goes back at a stop", RUNNER, "                self._send([self._released()])\n", "", RUNS),
    Mutant("more parts are charged for first", RUNNER, "elif job.units_left > job.units:", "elif False:", RUNS),
    Mutant("nothing is sent too late", RUNNER, "if job.stale_at is not None and job.stale_at <= utc(now_s):", "if False:", RUNS),
    Mutant("texts are kept where a repeat would show", RUNNER, "(not job.is_idempotent or len(job.texts) > 1)", "False", RUNS),
    Mutant("a lease counts from before the claim left", RUNNER, "job_of(row, before + self.manner.lease_s)", "job_of(row, time.monotonic() + self.manner.lease_s)", RUNS),
    Mutant("a lease counts from before the renewal left", RUNNER, "job.held_until = before + self.manner.lease_s", "job.held_until = time.monotonic() + self.manner.lease_s", RUNS),
    Mutant("leases are renewed", RUNNER, "if before >= self._renew_at and (self._ready or self._flying):", "if False:", RUNS),
    Mutant("a store that is away is waited for", RUNNER, "            except UnavailableError as error:\n", "            except ZeroDivisionError as error:\n", RUNS),
    Mutant("its own clock is not the store's", RUNNER, 'epoch_s(str(moment["now"])) if self.manner.has_clock else', "", RUNS),
    Mutant("a limit", RUNNER, 'else min(room, self.manner.limit - self.counts["claimed"])', "else room", RUNS),
    Mutant("a bug in an adapter ends one job", POOL, "except Exception as error:", "except ZeroDivisionError as error:", RUNS),
    Mutant("a missing outcome is no success", POOL, "if len(outcomes) != len(task):", "if False:", RUNS),
    # The judge.
    Mutant("unknown stays unknown where a repeat would show", JUDGE, "case Category.UNKNOWN if not idempotent:", "case Category.UNKNOWN if False:", JUDGES),
    Mutant("the fourth failure is the last", JUDGE, 'if attempts >= len(DELAYS_S):\n                return Verdict("dead")', 'if attempts >= len(DELAYS_S):\n                return Verdict("pending", now_s)', JUDGES),
    Mutant("no lane is closed for more than a day", JUDGE, "min(max(1.0, wait_s), LONGEST_CLOSED_S)", "max(1.0, wait_s)", JUDGES),
    Mutant("no lane is closed for less than a second", JUDGE, "min(max(1.0, wait_s), LONGEST_CLOSED_S)", "min(wait_s, LONGEST_CLOSED_S)", JUDGES),
    Mutant("a refused token pauses its lane", JUDGE, 'Verdict("dead", pauses=True)', 'Verdict("dead")', JUDGES),
    Mutant("a rate limit uses up no attempt", JUDGE, "again_s, uses_attempt=False, closes", "again_s, closes", JUDGES),
)  # fmt: skip


def notices(mutant: Mutant, folder: Path) -> str:
    """Which test fails on a copy of the program without the guard, or what is wrong with the mutant."""
    file = folder / "emdash_cli" / mutant.file
    original = file.read_text("utf-8")
    file.write_text(original.replace(mutant.old, mutant.new), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", "not d1", *mutant.tests]
    try:
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    except subprocess.TimeoutExpired:
        return "the tests do not end"
    finally:
        file.write_text(original, "utf-8")
    if ran.returncode == 0:
        return "SURVIVES"
    if nonsense := _NONSENSE.search(ran.stdout):
        return f"NONSENSE: {nonsense[0]}"
    failed = next(line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR")))
    return failed.partition(" ")[2].partition(" - ")[0].removeprefix("tests/")


def main() -> int:
    """Try all of them, or those whose guard or file has the word given."""
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    alive = 0
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        for name in ("emdash_cli", "tests", "docs", "schema.sql", "pyproject.toml"):
            copy = shutil.copytree if (TOP / name).is_dir() else shutil.copy
            copy(TOP / name, folder / name)
        for mutant in MUTANTS:
            if word in f"{mutant.guard}; {mutant.file}":
                test = notices(mutant, folder)
                alive += test.startswith(("SURVIVES", "NONSENSE"))
                print(f"{mutant.guard} | {test}", flush=True)  # noqa: T201
    return alive


if __name__ == "__main__":
    sys.exit(main())
