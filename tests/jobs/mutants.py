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
ALARMS = "jobs/sql/alarms.py"
MANAGING = "jobs/sql/managing.py"
QUESTIONS = "distribution/sql.py"
ASKS = "distribution/asking.py"
ANNOUNCED = "store/announced.py"
PURGING = "maintenance/sql/purging.py"
NOTICES = "store/notices.py"
RUNNER = "jobs/runner.py"
JUDGE = "jobs/judge.py"
POOL = "jobs/pool.py"
RUNS = ("tests/jobs/test_runner.py",)
JUDGES = ("tests/jobs/test_judge.py",)
ALARM_TESTS = ("tests/distribution/test_alarms.py",)
DECISIONS = tuple(f"tests/distribution/test_{name}.py" for name in ("decisions", "jobs", "announce", "platforms"))
EVENTS = ("tests/distribution/test_events.py",)
SWEEPS = ("tests/scheduling/test_sweep.py", "tests/scheduling/test_edit_fields.py", "tests/store/test_updating.py")
REPORTS = ("tests/reports/test_announced_posts.py",)
FORESEEN = ("tests/distribution/test_dry_runs.py",)
PURGES = ("tests/distribution/test_purge.py",)
ASKING = ("tests/distribution/test_asking.py",)
VERBS = "scheduling/sql/verbs.py"
BY_HAND = ("tests/scheduling/test_verbs.py",)
WITHDRAWN = ("tests/store/test_withdrawn.py",)
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
    Mutant("a lane that comes back begins anew", ANNOUNCING, "iif(removed_at IS NULL, set_up_at, ?2)", "iif(?2 IS NULL, ?2, set_up_at)", STORE),
    Mutant("a since that was removed ends", ANNOUNCING, "publish_lanes.since IS NOT coalesce({_SINCE}, publish_lanes.set_up_at)", "publish_lanes.since IS NOT coalesce({_SINCE}, publish_lanes.since)", STORE),
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
    Mutant("nothing is awaited that the budget does not allow", CLAIMING, 'AND d.units <= coalesce(l.budget - {_spent("l")}, {UNLIMITED})\n', "\n"),
    Mutant("what the budget does not allow is in nobody's way", CLAIMING, "AND d.units <= o.budget\n", "\n"),
    Mutant("the end of a lease is awaited", CLAIMING, "SELECT min(r.lease_until) FROM publish_jobs AS r WHERE r.state = 'running'", "SELECT NULL"),
    # Sending.
    Mutant("a request is marked", SENDING, "statements = [Statement(BEGIN, (packed, now, worker))]", "statements = []"),
    Mutant("a mark that is sent twice is one", SENDING, "{_HELD}\nWHERE 1 ON CONFLICT DO NOTHING", "{_HELD}"),
    Mutant("a part's mark that is sent twice is one", SENDING, "IS NOT NULL ON CONFLICT DO NOTHING", "IS NOT NULL"),
    Mutant("attempts end before their job's row changes", SENDING, "        Statement(END_ATTEMPT, dated),\n        *([Statement(END_STEPS", "        Statement(END_JOBS, dated),\n        Statement(END_ATTEMPT, dated),\n        *([Statement(END_STEPS"),
    Mutant("a lane stays closed for the longer time", SENDING, "max(closed_until, coalesce(c.until, ''))", "coalesce(c.until, '')"),
    Mutant("the first reason of a pause stays", SENDING, "paused_reason = coalesce(paused_reason, iif(c.pauses, c.error, NULL))", "paused_reason = iif(c.pauses, c.error, NULL)"),
    Mutant("a pause stays", SENDING, "paused_at = coalesce(paused_at, iif(c.pauses, ?2, NULL))", "paused_at = iif(c.pauses, ?2, NULL)"),
    Mutant("an ended job says when", SENDING, "= 'pending', NULL, ?2)", "= 'pending', NULL, nullif(?2, ?2))"),
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
    Mutant("no change to a lane that was removed", ANNOUNCING, "{_IS_PUBLIC_AGAIN}) AND n.removed_at IS NULL\n", "{_IS_PUBLIC_AGAIN})\n", STORE),
    Mutant("changes are of what was public", ANNOUNCING, "WHERE {which} AND (a.status_before = 'published' OR {_IS_PUBLIC_AGAIN}) AND", "WHERE {which} AND", STORE),
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
    # Claims, sending and leases once more.
    Mutant("only lanes that were asked for", CLAIMING, "CROSS JOIN publish_lanes AS l ON l.lane = s.value\n  WHERE l.paused_at", "CROSS JOIN publish_lanes AS l\n  WHERE l.paused_at"),
    Mutant("a new claim is above suspicion", CLAIMING, "claim = ?1, lease_until = ?2, suspected = 0", "claim = ?1, lease_until = ?2"),
    Mutant("a closed lane is awaited until it opens", CLAIMING, "max(d.run_after, l.closed_until, iif(", "max(d.run_after, iif("),
    Mutant("a lane with a rate is awaited until it allows more", CLAIMING, "iif(l.interval_us = 0, '', strftime", "iif(1, '', strftime"),
    Mutant("a budget of a day", CLAIMING, "iif({lane}.period = 'day', 10, 7)", "7"),
    Mutant("an outcome is one of its own attempt", SENDING, "job_attempts.job_id = b.value ->> 0 AND job_attempts.claim = b.value ->> 1 AND", "job_attempts.job_id = b.value ->> 0 AND"),
    Mutant("late outcomes are kept apart", SENDING, "applied = EXISTS (SELECT 1 FROM publish_jobs AS j WHERE j.id = job_attempts.job_id AND j.claim = job_attempts.claim)", "applied = 1"),
    Mutant("what people have said of a part stays", SENDING, "job_steps.claim = b.value ->> 1 AND job_steps.done_at IS NULL", "job_steps.claim = b.value ->> 1"),
    Mutant("not every outcome uses up an attempt", SENDING, 'attempts + ({_value(Ending, "uses_attempt")})', "attempts + 1"),
    Mutant("a retry waits", SENDING, 'run_after = coalesce({_value(Ending, "run_after")}, run_after)', "run_after = run_after"),
    Mutant("what may have been sent is not refunded", LEASES, 'iif({is_sent("e")}, max(1, {_steps("e")}), 0)', "0"),
    Mutant("parts under way are not forgotten", LEASES, 'WHERE {_is_over("e")} AND l.idempotent)', 'WHERE (1 OR {_is_over("e")}) AND l.idempotent)'),
    Mutant("what may be repeated is not unknown", LEASES, "WHEN {_SENT} AND NOT {_IDEMPOTENT} THEN", "WHEN {_SENT} THEN"),
    Mutant("a job that has sent nothing does not die", LEASES, "WHEN {_SENT} AND crashes + 1", "WHEN crashes + 1"),
    Mutant("what was lost says when", LEASES, "ended_at = iif({_SENT} AND (crashes + 1 >= {MOST_CRASHES} OR NOT {_IDEMPOTENT}), ?1, NULL)", "ended_at = NULL"),
    Mutant("what is sent again has not ended", LEASES, "ended_at = iif({_SENT} AND (crashes + 1 >= {MOST_CRASHES} OR NOT {_IDEMPOTENT}), ?1, NULL)", "ended_at = ?1"),
    Mutant("what was lost before is no news", LEASES, "AND j.ended_at = ?2", "AND ?2 > ''", (*JOBS, *EVENTS)),
    Mutant("leases end before they are suspected", LEASES, "[*ends, Statement(_ABOUT_LOST, (None, moment.now)), Statement(SUSPECT, moment)]", "[Statement(SUSPECT, moment), *ends, Statement(_ABOUT_LOST, (None, moment.now))]"),
    # Going live once more.
    Mutant("a lane of other events gets no announcement", ANNOUNCING, "AND {_TAKES_FIRST} AND (n.every_change", "AND (n.every_change", EVENTS),
    Mutant("changes alone, where they are wanted", ANNOUNCING, "THEN n.sends_updates AND {IS_WANTED}\n", "THEN n.sends_updates\n", EVENTS),
    Mutant("changes alone, where they are asked for", ANNOUNCING, "THEN n.sends_updates AND {IS_WANTED}\n", "THEN {IS_WANTED}\n", EVENTS),
    Mutant("a change is reported once", ANNOUNCING, "AND ?6 IS NOT NULL\n    ON CONFLICT DO NOTHING", "AND ?6 IS NOT NULL", (*STORE, *SWEEPS)),
    Mutant("a lane that comes back is foreseen to begin anew", ANNOUNCING, "h.lane = {lane} AND h.removed_at IS NULL", "h.lane = {lane}", FORESEEN),
    Mutant("a change is foreseen where the post was", ANNOUNCING, "        EXISTS ({announced} AND {out}), {is_wanted})", "        1, {is_wanted})", FORESEEN),
    Mutant("a second announcement is not foreseen", ANNOUNCING, "\n        AND NOT EXISTS ({announced} AND NOT (k.state = 'discarded' AND k.error IS '{_TAKEN_BACK}')) END", " END", FORESEEN),
    Mutant("only what is public is recorded", WENT_LIVE, "FROM {rows} AS a WHERE {which}\n    ON CONFLICT", "FROM {rows} AS a WHERE 1\n    ON CONFLICT", SWEEPS),
    Mutant("what goes live is recorded once", WENT_LIVE, "FROM {rows} AS a WHERE {which}\n    ON CONFLICT DO NOTHING", "FROM {rows} AS a WHERE {which}", SWEEPS),
    Mutant("only what was public is redirected", WENT_LIVE, "\"a.status_before = 'published' AND a.slug_before <> a.slug\"", '"a.slug_before <> a.slug"', SWEEPS),
    Mutant("only what was renamed is redirected", WENT_LIVE, "\"a.status_before = 'published' AND a.slug_before <> a.slug\"", "\"a.status_before = 'published'\"", SWEEPS),
    Mutant("no redirect hides a post", WENT_LIVE, "source IN (SELECT {_NEW_PATH} {renamed})", "source IN (SELECT {_NEW_PATH} {renamed}) AND 0", SWEEPS),
    Mutant("a redirect of somebody's own stays", WENT_LIVE, " AND NOT EXISTS (SELECT 1 FROM _emdash_redirects AS x WHERE x.source = {_OLD_PATH})", "", SWEEPS),
    Mutant("the newest revision is the one to be kept", WENT_LIVE, "DO UPDATE SET revision_id = excluded.revision_id", "DO NOTHING", SWEEPS),
    Mutant("term links of other collections stay", WENT_LIVE, "l.collection = '{layout.names.collection}' AND l.entry_id", "l.entry_id", SWEEPS),
    # Notices of events.
    Mutant("no notice to a lane that was removed", NOTICES, "WHERE n.removed_at IS NULL AND {IS_WANTED}", "WHERE {IS_WANTED}", EVENTS),
    Mutant("notices, where they are wanted", NOTICES, "WHERE n.removed_at IS NULL AND {IS_WANTED}", "WHERE n.removed_at IS NULL", EVENTS),
    Mutant("a notice is written once", NOTICES, "AND {IS_WANTED}\n    ON CONFLICT DO NOTHING", "AND {IS_WANTED}", EVENTS),
    Mutant("no notice of failures to a lane that was removed", NOTICES, "WHERE n.removed_at IS NULL AND n.lane <> j.lane", "WHERE n.lane <> j.lane", EVENTS),
    Mutant("a platform is not told of its own failures", NOTICES, "AND n.lane <> j.lane AND", "AND", EVENTS),
    Mutant("notices of failures are not reported in turn", NOTICES, "AND j.kind NOT LIKE 'job.%' AND", "AND", EVENTS),
    Mutant("a failure is reported once", NOTICES, 'AND {condition or "1"}\n    ON CONFLICT DO NOTHING', 'AND {condition or "1"}', (*EVENTS, *JOBS)),
    # The jobs of a post.
    Mutant("only announcements and changes make a state", ANNOUNCED, "AND +j.kind IN ('announce', 'update') AND", "AND", REPORTS),
    Mutant("what is discarded counts no more", ANNOUNCED, " AND +j.state <> 'discarded'\n", "\n", REPORTS),
    Mutant("what waits for a platform that is gone counts no more", ANNOUNCED, "AND (n.removed_at IS NULL OR +j.state = 'done')", "", REPORTS),
    Mutant("what is done on a platform that is gone stays done", ANNOUNCED, "(n.removed_at IS NULL OR +j.state = 'done')", "n.removed_at IS NULL", REPORTS),
    Mutant("the latest version counts", ANNOUNCED, "SELECT max(o.version)", "SELECT min(o.version)", REPORTS),
    Mutant("parts that are out are counted", ANNOUNCED, "s.job_id = j.id AND s.done_at IS NOT NULL), 0)", "s.job_id = j.id), 0)", REPORTS),
    # Alarms.
    Mutant("what failed long ago raises no alarm", ALARMS, "AND j.ended_at >= ?3\n", "AND ?3 > ''\n", ALARM_TESTS),
    Mutant("failures on platforms that are gone raise no alarm", ALARMS, "\n    AND j.lane IN (SELECT s.value FROM json_each(?1) AS s)", "", ALARM_TESTS),
    Mutant("authors are told of what they can correct", ALARMS, "iif(j.category = 'validation', 'content', 'ops')", "'ops'", ALARM_TESTS),
    Mutant("only a paused platform is said to be", ALARMS, "WHERE l.paused_at IS NOT NULL\n", "WHERE 1\n", ALARM_TESTS),
    Mutant("a budget that is enough raises no alarm", ALARMS, " AND j.units > l.budget - l.spent))", "))", ALARM_TESTS),
    Mutant("a budget that lasts raises no alarm", ALARMS, "iif(l.spent >= l.budget, EXISTS", "iif(1, EXISTS", ALARM_TESTS),
    Mutant("a budget that is used up raises an alarm", ALARMS, "iif(l.spent >= l.budget, EXISTS", "iif(0, EXISTS", ALARM_TESTS),
    Mutant("a budget of an earlier month raises no alarm", ALARMS, " AND l.spent_in = substr(?2, 1, iif(l.period = 'day', 10, 7))", "", ALARM_TESTS),
    Mutant("a budget that nothing waits for raises no alarm", ALARMS, "WHERE j.state = 'pending' AND j.lane = l.lane)", "WHERE j.lane = l.lane)", ALARM_TESTS),
    Mutant("what has just become due is not overdue", ALARMS, "WHERE w.at < ?5 AND", "WHERE w.at <= ?2 AND ?5 > '' AND", ALARM_TESTS),
    Mutant("what waits behind others is not overdue", ALARMS, " AND NOT EXISTS (SELECT 1 FROM json_each(?1) AS s CROSS JOIN publish_jobs AS r\n    ON r.state = 'running' AND r.lane = s.value WHERE r.lease_until > ?2)", "", ALARM_TESTS),
    Mutant("a lease that has ended keeps nobody waiting", ALARMS, "r.lane = s.value WHERE r.lease_until > ?2)", "r.lane = s.value)", ALARM_TESTS),
    Mutant("a cause that was raised is not new", ALARMS, "WHERE NOT EXISTS (SELECT 1 FROM alarms AS a WHERE a.cause = c.cause)\n  AND ?4 > ''", "WHERE ?4 > ''", ALARM_TESTS),
    Mutant("a cause is raised once", ALARMS, "WHERE ?4 > '' AND NOT EXISTS (SELECT 1 FROM alarms AS a WHERE a.cause = c.cause)\nORDER", "WHERE ?4 > ''\nORDER", ALARM_TESTS),
    Mutant("an alarm is recorded once", ALARMS, "AND a.raised_at = ?2 ON CONFLICT DO NOTHING", "AND a.raised_at = ?2", ALARM_TESTS),
    Mutant("an alarm is told once", ALARMS, 'f"told_at IS NULL AND tries <', 'f"tries <', ALARM_TESTS),
    Mutant("an alarm is given up", ALARMS, "tries < {MOST_TRIES} AND (claim", "(claim", ALARM_TESTS),
    Mutant("what another run tells is left to it", ALARMS, "(claim IS NULL OR claimed_at < ?4)", "?4 > ''", ALARM_TESTS),
    Mutant("what a dead run has taken is told", ALARMS, "(claim IS NULL OR claimed_at < ?4)", "(claim IS NULL AND ?4 > '')", ALARM_TESTS),
    Mutant("what was taken over is told by whoever has it", ALARMS, "WHERE claim = ?1 AND cause IN", "WHERE ?1 > '' AND cause IN", ALARM_TESTS),
    Mutant("an alarm that failed was not told", ALARMS, "told_at = iif(?3 IS NULL, ?2, NULL)", "told_at = ?2", ALARM_TESTS),
    # What people decide.
    Mutant("a job is decided about in the state it was seen in", MANAGING, "AND j.state = b.value ->> 1 AND", "AND", DECISIONS),
    Mutant("a job is decided about as it was seen", MANAGING, "AND j.state = b.value ->> 1 AND j.ended_at IS b.value ->> 2", "AND j.state = b.value ->> 1", DECISIONS),
    Mutant("a decision that arrives again changes nothing", MANAGING, " AND j.ended_at IS a.detail ->> 'ended_before'", "", DECISIONS),
    Mutant("what is sent again is not too late", MANAGING, "iif(publish_jobs.stale_at <= ?3, NULL, publish_jobs.stale_at)", "iif(0, ?3, publish_jobs.stale_at)", DECISIONS),
    Mutant("parts that are out stay so in a decision", MANAGING, "DELETE FROM job_steps WHERE done_at IS NULL AND ?3 IS NOT NULL AND", "DELETE FROM job_steps WHERE ?3 IS NOT NULL AND", DECISIONS),
    Mutant("a thread goes on with its first texts", MANAGING, "payload = iif({_DONE_STEPS}, payload, NULL)", "payload = NULL", DECISIONS),
    Mutant("what is sent again is rendered anew", MANAGING, "payload = iif({_DONE_STEPS}, payload, NULL)", "payload = payload", DECISIONS),
    Mutant("what is sent again has all its attempts", MANAGING, "attempts = 0, crashes = 0", "attempts = attempts", DECISIONS),
    Mutant("a thread that is sent again pays for what is left", MANAGING, "units = iif({_DONE_STEPS}, max(1, parts - {_DONE_STEPS}), 1)", "units = 1", DECISIONS),
    Mutant("a given-up job keeps the texts that were sent", MANAGING, "payload = iif(EXISTS (SELECT 1 FROM job_attempts AS t WHERE t.job_id = publish_jobs.id), payload, NULL)", "payload = NULL", DECISIONS),
    Mutant("a given-up job forgets the texts that were not sent", MANAGING, "payload = iif(EXISTS (SELECT 1 FROM job_attempts AS t WHERE t.job_id = publish_jobs.id), payload, NULL)", "payload = payload", DECISIONS),
    Mutant("only the open part has arrived", MANAGING, "external_id = ?4 WHERE done_at IS NULL AND", "external_id = ?4 WHERE", DECISIONS),
    Mutant("a thread is done when its last part is out", MANAGING, '"(parts = 1 OR {_DONE_STEPS} >= parts)"', '"({_DONE_STEPS} >= 0)"', DECISIONS),
    Mutant("the id of a thread is that of its first part", MANAGING, "iif(parts = 1, ?4, {_FIRST_STEP})", "?4", DECISIONS),
    Mutant("what was charged in an earlier period is not given back", MANAGING, ">= publish_lanes.spent_in))", "> ''))", DECISIONS),
    Mutant("what did not arrive is given back", MANAGING, "(REFUND_UNPOSTED, FORGET_OPEN_STEPS, NOT_POSTED)", "(FORGET_OPEN_STEPS, NOT_POSTED)", DECISIONS),
    Mutant("only what is still done is purged", PURGING, "ON j.id = b.value WHERE {_OLD}", "ON j.id = b.value WHERE ?1 > ''", PURGES),
    Mutant("the proof of an announcement is not purged", PURGING, "(kind = 'announce' OR id =", "(id =", PURGES),
    Mutant("no number is given twice", PURGING, " OR id = (SELECT max(n.id) FROM publish_jobs AS n))", ")", PURGES),
    Mutant("only a public post is announced", MANAGING, "AND p.status = 'published' AND p.deleted_at", "AND p.deleted_at", DECISIONS),
    Mutant("no deleted post is announced", MANAGING, "AND p.status = 'published' AND p.deleted_at IS NULL", "AND p.status = 'published'", DECISIONS),
    Mutant("an announcement under way is not repeated", MANAGING, "(j.version >= b.value ->> 1 OR j.state NOT IN ('done', 'discarded'))", "j.version >= b.value ->> 1", DECISIONS),
    Mutant("an announcement is repeated once", MANAGING, "(j.version >= b.value ->> 1 OR j.state NOT IN ('done', 'discarded'))", "j.state NOT IN ('done', 'discarded')", DECISIONS),
    Mutant("an announcement arrives once", MANAGING, "FROM {_RECORDED} WHERE 1 ON CONFLICT DO NOTHING", "FROM {_RECORDED} WHERE 1", DECISIONS),
    Mutant("the first pause stays", MANAGING, "WHERE lane = ?1 AND paused_at IS NULL AND NOT", "WHERE lane = ?1 AND NOT", DECISIONS),
    Mutant("a pause that arrives again is none", MANAGING, " AND NOT EXISTS (SELECT 1 FROM pipeline_audit AS a WHERE a.id = ?2)", " AND ?2 > ''", DECISIONS),
    Mutant("only what is paused is resumed", MANAGING, "WHERE l.lane = ?1 AND l.paused_at IS NOT NULL ON", "WHERE l.lane = ?1 ON", DECISIONS),
    Mutant("a resumption ends the pause that it is about", MANAGING, "AND paused_at = (SELECT a.detail ->> 'paused_at' FROM pipeline_audit AS a WHERE a.id = ?2)", "AND ?2 > ''", DECISIONS),
    # Posts that are published and taken down by hand.
    Mutant("a group with a fault is not published", "store/changes.py", "      AND NOT EXISTS (SELECT 1 FROM judged AS n WHERE n.fault <> '')", "", BY_HAND),
    Mutant("a held post is not published by hand", VERBS, "WHEN s.held THEN 'held'", "", BY_HAND),
    Mutant("a text that was changed is not published by hand", VERBS, "WHEN s.changed THEN 'text_changed'", "", BY_HAND),
    Mutant("no slug is taken from another post", VERBS, "THEN 'slug_taken'", "THEN ''", BY_HAND),
    Mutant("no two posts get one slug", VERBS, "THEN 'slug_contested'", "THEN ''", BY_HAND),
    Mutant("what is taken down is not on the schedule", VERBS, "published_at = NULL, scheduled_at = NULL,", "published_at = NULL,", BY_HAND),
    Mutant("the first date is kept", VERBS, "+x.action = 'unpublished'", "+x.action = 'never'", BY_HAND),
    Mutant("a pending change stays when its post is taken down", VERBS, "coalesce(p.draft_revision_id, c.new_revision)", "c.new_revision", BY_HAND),
    Mutant("a batch that arrives again does not trash again", VERBS, "WHERE a.detail ->> 'code' IS NULL AND ?3 IS NOT NULL) AS c\n    WHERE p.id = c.post_id AND +p.version IS c.version", "WHERE a.detail ->> 'code' IS NULL AND ?3 IS NOT NULL) AS c\n    WHERE p.id = c.post_id", BY_HAND),
    Mutant("a hold is not overwritten", VERBS, "held_at = coalesce(held_at, excluded.held_at)", "held_at = excluded.held_at", BY_HAND),
    Mutant("a run without a change is not recorded", VERBS, "SELECT ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM pipeline_audit AS a WHERE a.id = ?1)", "SELECT ?2, ?3, ?4, ?5, ?6 WHERE ?1 > ''", BY_HAND),
    Mutant("a note of the trash is forgotten with it", VERBS, "Statement(_FORGET_TRASHED, claimed),", "", ("tests/scheduling/test_verb_commands.py",)),
    Mutant("what waits is discarded with its post", ANNOUNCING, "_discard(layout, rows, which), ", "", WITHDRAWN),
    Mutant("caches hear of what is taken back", ANNOUNCING, "n.removed_at IS NULL AND n.every_change AND {IS_WANTED}\n", "n.removed_at IS NULL AND NOT n.every_change AND {IS_WANTED}\n", WITHDRAWN),
    Mutant("caches keep what they were to be told", ANNOUNCING, "n.lane = publish_jobs.lane AND NOT n.every_change)", "n.lane = publish_jobs.lane)", WITHDRAWN),
    Mutant("only what nobody discarded is announced after all", ANNOUNCING, "AND +publish_jobs.error = '{_TAKEN_BACK}' AND", "AND", WITHDRAWN),
    Mutant("what is too late is not announced after all", ANNOUNCING, " AND coalesce(publish_jobs.stale_at > ?3, 1)\n", "\n", WITHDRAWN),
    Mutant("public again is told where it was announced", ANNOUNCING, "(a.status_before = 'published' OR {_IS_PUBLIC_AGAIN})", "a.status_before = 'published'", WITHDRAWN),
    Mutant("a first announcement is no update", ANNOUNCING, "AND j.kind = 'announce' AND j.state <> 'pending' AND j.created_at < ?3", "AND j.kind = 'announce'", STORE),
    Mutant("caches are told of a post that is not public", "distribution/announcements.py", "self.served[job.lane].every_change or _is_public(job.details)", "_is_public(job.details)", ("tests/distribution/test_events.py",)),
    # Asking platforms, and previews.
    Mutant("a platform is not asked for ever", QUESTIONS, "AND j.ended_at >= ?3 AND j.ended_at < ?4", "AND ?3 > '' AND j.ended_at < ?4", ASKING),
    Mutant("a platform is not asked at once", QUESTIONS, "AND j.ended_at >= ?3 AND j.ended_at < ?4", "AND j.ended_at >= ?3 AND ?4 > ''", ASKING),
    Mutant("a platform is not asked by every run", QUESTIONS, '" AND j.run_after <= ?2)"', "\" AND ?2 > '')\"", ASKING),
    Mutant("a job is not asked about for ever", ASKS, "AND j.ended_at >= ?3 AND j.ended_at < ?4", "AND ?3 > '' AND j.ended_at < ?4", ASKING),
    Mutant("a job is not asked about at once", ASKS, "AND j.ended_at >= ?3 AND j.ended_at < ?4", "AND j.ended_at >= ?3 AND ?4 > ''", ASKING),
    Mutant("a job is not asked about by every run", ASKS, "AND j.run_after <= ?2\n", "AND ?2 > ''\n", ASKING),
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
