"""A session is the open store with all that an action needs; a run is one start of a command that cron repeats."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.errors import DatabaseError
from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.ports import Statement
from emdash_cli.store import layout as layouts
from emdash_cli.store.changes import Claim
from emdash_cli.store.layout import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from emdash_cli.domain.article import FieldNames
    from emdash_cli.domain.ports import Clock, Database, Row
    from emdash_cli.domain.roles import Actor, Permission, Person
    from emdash_cli.settings import Settings
    from emdash_cli.store.layout import Layout


class Who(NamedTuple):
    """On whose behalf the session works.

    Attributes:
        user: by e-mail address, name or id; None for the local operator, who may do everything.
        operator: returns the operator's login name; called only when the name is needed.
    """

    user: str | None
    operator: Callable[[], str]


class Session:
    """An open store, its settings, a clock, a source of ids, and who acts.

    `open`, the first request of an action, also reads what kind of store it is and which user acts.

    Args:
        database: the store; whoever opened it closes it.
        settings: in force.
        clock: the present instant.
        new_id: creates ids, each greater than the one before.
        who: acts.

    Attributes:
        run: the id of the run that works in it, or was the last one to do so; None if that was a dry run.
    """

    def __init__(
        self, database: Database, settings: Settings, clock: Clock, new_id: Callable[[], str], who: Who
    ) -> None:
        self.database = database
        self.settings = settings
        self.clock = clock
        self.new_id = new_id
        self.user = who.user
        self.run: str | None = None
        self._operator = who.operator
        self._layout: Layout | None = None
        self._actor: Actor | None = None

    @property
    def names(self) -> FieldNames:
        """Of the collection and its fields."""
        return self.settings.fields

    @property
    def layout(self) -> Layout:
        """What kind of store it is; read by a request of its own if `open` was not called before."""
        if self._layout is None:
            self.open()
        assert self._layout is not None  # noqa: S101 - `open` has learned it
        return self._layout

    @property
    def actor(self) -> str:
        """Who acts, as the audit table names them: ``user:EMAIL`` or ``operator:LOGIN``.

        Raises:
            NotAllowedError: there is no such user, or there are several.
        """
        # The operator is named without the import of roles, which an idle run can do without.
        return self._acting().label if self.user else f"operator:{self._operator()}"

    def now(self) -> str:
        """The present instant, as stored."""
        return utc_text(self.clock())

    def open(self, reads: Sequence[Statement] = ()) -> list[list[Row]]:
        """Read the layout, the acting user and `reads` in one batch; the rows of `reads` are returned.

        Raises:
            DatabaseError: the store is unreachable or not initialised, or lacks a table or column to write.
            UsageError: its tables have another version.
            NotAllowedError: there is no such user, or there are several.
        """
        names = self.names
        first = [*layouts.describe_store(names), *layouts.versions()]
        asks_user = bool(self.user) and self._actor is None
        try:
            tables, migrations, version, *answers = self.database.batch(
                [*first, *(self._user_reads() if asks_user else ()), *reads]
            )
        except DatabaseError as error:
            self._check_age(error)
            raise _explained(error) from error
        self._layout = layouts.layout_from(names, tables, migrations, version)
        if asks_user:
            self._learn_actor(answers.pop(0))
        return answers

    def read(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """The rows of each statement, all from the same moment; for actions that only read.

        Raises:
            DatabaseError: the store is unreachable or failing, or the database is not a store.
            UsageError: its tables have another version.
        """
        with self.reading():
            version, *answers = self.database.batch([layouts.TOOL_VERSION, *statements])
        layouts.check_version(version)
        return answers

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Report a table that is missing as a database that is not a store.

        Raises:
            DatabaseError: in place of the engine's own.
            UsageError: the tables have another version.
        """
        try:
            yield
        except DatabaseError as error:
            missing = re.search(r"no such table: (?:main\.)?(\w+)", error.message)
            if not missing:
                raise
            self._check_age(error)
            raise DatabaseError(
                f"there is nothing to read: the database has no table {missing[1]}",
                hint="run `emdash init` to create a store; for a site, check `database` and `collection` in"
                " emdash.toml",
                code="store_layout",
            ) from error

    def _check_age(self, error: DatabaseError) -> None:
        """A table that is missing may be one that `emdash init` has not added yet."""
        if "no such table" in error.message:
            with suppress(DatabaseError):
                layouts.check_version(self.database.query(layouts.TOOL_VERSION))

    @property
    def person(self) -> Person | None:
        """The user who acts; None for the operator.

        Raises:
            NotAllowedError: there is no such user, or there are several.
        """
        return self._acting().person if self.user else None

    def require(self, permission: Permission, owners: Collection[object] = ()) -> None:
        """Pass if whoever acts may do it; for the operator, nothing is read.

        Args:
            permission: what is wanted.
            owners: ids of the users whose post it is; None among them stands for nobody.

        Raises:
            NotAllowedError: there is no such user, they are disabled, or their role does not suffice.
            DatabaseError: the store is unreachable, failing or not initialised.
        """
        if self.user:
            self._acting().require(permission, owners)

    def _acting(self) -> Actor:
        if self._actor is None:
            try:
                [rows] = self.database.batch(self._user_reads())
            except DatabaseError as error:
                raise _explained(error) from error
            self._learn_actor(rows)
        assert self._actor is not None  # noqa: S101 - it was just learned
        return self._actor

    def _user_reads(self) -> list[Statement]:
        from emdash_cli.store.users import find_user

        return [find_user(self.user or "")]

    def _learn_actor(self, rows: Sequence[Row]) -> None:
        from emdash_cli.domain.roles import Actor
        from emdash_cli.store.users import named, person

        found = named(self.user or "", [person(row) for row in rows], self.database)
        self._actor = Actor(f"user:{found.email}", found)


def _explained(error: DatabaseError) -> DatabaseError:
    return layouts.missing_store_error() if "no such table" in error.message else error


# A run that refuses the store because of its version leaves no heartbeat.
_HEARTBEAT: Final = f"""
INSERT INTO pipeline_heartbeats (kind, run_id, started_at, seen_at)
SELECT ?1, ?2, ?3, ?4 WHERE (SELECT max(version) FROM pipeline_schema) = {VERSION}
ON CONFLICT (kind) DO UPDATE SET
  run_id = excluded.run_id, started_at = excluded.started_at, seen_at = excluded.seen_at"""

_RECORD: Final = """
INSERT INTO pipeline_runs (id, kind, started_at, seen_at, counts) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, counts = excluded.counts"""


def heartbeat(kind: str, run_id: str, started_at: str, now: str) -> Statement:
    """Record that a run of that kind is alive at `now`."""
    return Statement(_HEARTBEAT, (kind, run_id, started_at, now))


def record_run(kind: str, run_id: str, started_at: str, now: str, counts: Mapping[str, int]) -> Statement:
    """Record what a run has done so far. The counts are absolute, so recording them again changes nothing."""
    return Statement(_RECORD, (run_id, kind, started_at, now, json.dumps(counts)))


_FINISHED: Final = """
INSERT INTO pipeline_runs (id, kind, started_at, seen_at, counts)
SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM pipeline_audit AS a WHERE a.id >= ?6 AND a.id <= ?7)
ON CONFLICT DO NOTHING"""


def record_finished(run: Run, claim: Claim, now: str, counts: Mapping[str, int]) -> Statement:
    """Record a run of one batch, at the end of that batch, unless its claim failed."""
    of_run = (run.id, run.kind, run.started_at, now, json.dumps(counts))
    return Statement(_FINISHED, (*of_run, claim.first, claim.last))


def actor_of_run(written: str) -> str:
    """SQL: record once in the audit table who started a run, under the run id that the ledger's rows name.

    ?1 run, ?2 now, ?3 actor, ?4 kind of run. `written` is a query for what the run has entered into the ledger: a
    run that enters nothing is not recorded.
    """
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action) SELECT ?1, ?2, ?3, ?4 WHERE EXISTS ({written})
    ON CONFLICT DO NOTHING"""


class Run:
    """One run: its identity and counts that no other table records.

    Args:
        kind: name of the command in the tables.
        session: the session that it works in.
        actor: who started the run, as the audit table names them; None: whoever acts in the session.
        announces: whether its new posts are announced on platforms.
    """

    def __init__(self, kind: str, session: Session, actor: str | None = None, *, announces: bool = True) -> None:
        self.kind = kind
        self.announces = announces
        self.session = session
        self.actor = session.actor if actor is None else actor
        self.id = session.new_id()
        self.started_at = session.now()
        self.counts: dict[str, int] = {}
        self._recorded: dict[str, int] = {}
        session.run = None

    def sign_of_life(self) -> list[Statement]:
        """The heartbeat and, once something was counted, the record of the run."""
        self.session.run = self.id
        now = self.session.now()
        signs = [heartbeat(self.kind, self.id, self.started_at, now)]
        if self.counts:
            signs.append(record_run(self.kind, self.id, self.started_at, now, self.counts))
        self._recorded = dict(self.counts)
        return signs

    def signs_of_work(self) -> list[Statement]:
        """The heartbeat and the record of the run, for a batch that changes something.

        They are written together, so that `undo` finds every run that has changed something, even if it was killed
        before it could count what it did.
        """
        self.session.run = self.id
        now = self.session.now()
        self._recorded = dict(self.counts)
        return [
            heartbeat(self.kind, self.id, self.started_at, now),
            record_run(self.kind, self.id, self.started_at, now, self.counts),
        ]

    def claim(self) -> Claim:
        """A claim that no other batch has."""
        return Claim.new(self.session.new_id, self.actor, self.id)

    def has_unrecorded_counts(self) -> bool:
        """Whether the counts have changed since the last sign of life."""
        return self.counts != self._recorded
