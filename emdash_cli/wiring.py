"""The one place that chooses the real settings, clock, database, ids and operator."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from emdash_cli.domain.errors import UsageError
from emdash_cli.settings import Settings, initial, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from emdash_cli.domain.delivery import Platform, PublicPost, Rendered, Secret, Table
    from emdash_cli.domain.ports import Clock, Database
    from emdash_cli.domain.replies import Http, Request
    from emdash_cli.settings import AlarmChannels, PlatformAccount
    from emdash_cli.store.session import Session


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def id_source(clock: Clock = now) -> Callable[[], str]:
    """Creates new ids from the clock, each greater than the one before."""
    from emdash_cli.domain.ulid import UlidSource

    source = UlidSource()
    return lambda: source.next(clock())


def operator() -> str:
    """The login name of the person who runs this process."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # The user has no name, as in some containers.
        return "unknown"


def read_platform(name: str, table: Table, streams: tuple[str, ...]) -> PlatformAccount:
    """What the settings say of a platform; see `platforms._accounts.read`."""
    from emdash_cli.platforms._accounts import read

    return read(name, table, streams)


@contextmanager
def connecting(chosen: Settings) -> Iterator[Callable[[PlatformAccount], Platform]]:
    """What makes a platform ready, with its secrets; connections are closed at the end of the block.

    It raises a `UsageError` if a secret is missing or is none; other platforms are not concerned.
    """
    with ExitStack() as clients:

        def connect(account: PlatformAccount) -> Platform:
            from emdash_cli.domain.delivery import Account
            from emdash_cli.platforms import find
            from emdash_cli.web import WebClient

            is_kept = account.lane.idempotent
            http = WebClient(account.timeout_s, allow_private=account.allow_private, keeps_connections=is_kept)
            clients.callback(http.close)

            def reveal(secret: Secret) -> str:
                try:
                    http.secrets.append(secret.reveal(os.environ, chosen.root))
                except UsageError as error:
                    message = f"platform {account.name} is not served: {error.message}"
                    hint = f"put the secret there, or name another place in [platforms.{account.name}]"
                    raise UsageError(message, hint=hint, code=error.code) from None
                return http.secrets[-1]

            there = Account(account.name, chosen.site_url)
            return find(account.kind).connect(account.own, there, http, reveal)

        yield connect


def rendering(chosen: Settings) -> Callable[[PlatformAccount, PublicPost], Rendered]:
    """What a platform would get of a post. No secret is read and no request is made."""
    from emdash_cli.domain.delivery import Account
    from emdash_cli.platforms import find

    ready: dict[str, Platform] = {}

    def render(account: PlatformAccount, post: PublicPost) -> Rendered:
        if account.name not in ready:
            there = Account(account.name, chosen.site_url)
            ready[account.name] = find(account.kind).connect(account.own, there, _Offline(), lambda _: _NO_SECRET)
        return ready[account.name].render(post)

    return render


class AlarmSender:
    """Sends alarms to what the settings name, each over a connection of its own: they are rare."""

    def __init__(self, chosen: Settings) -> None:
        self._chosen = chosen

    def send(self, of_class: str, notice_id: str, body: str, now: datetime) -> str | None:
        """See `distribution.alarms.Sender`."""
        from emdash_cli.platforms._alarms import AlarmSender as Channels
        from emdash_cli.web import WebClient

        with ExitStack() as clients:

            def connect(channels: AlarmChannels) -> Http:
                http = WebClient(channels.timeout_s, allow_private=channels.allow_private, keeps_connections=False)
                clients.callback(http.close)
                return http

            def reveal(secret: Secret) -> str:
                return secret.reveal(os.environ, self._chosen.root)

            sender = Channels(self._chosen.alarms, self._chosen.root, connect, reveal, _secrets(self._chosen))
            return sender.send(of_class, notice_id, body, now)


def _secrets(chosen: Settings) -> list[str]:
    """Every secret that the settings name and that there is."""
    from emdash_cli.domain.delivery import Secret

    named = [chosen.alarms.ops.secret, chosen.alarms.content.secret]
    for account in chosen.platforms:
        for value in account.own:
            named += [value] if isinstance(value, Secret) else value if isinstance(value, tuple) else ()
    found = []
    for one in named:
        if isinstance(one, Secret):
            with suppress(UsageError):
                found.append(one.reveal(os.environ, chosen.root))
    return found


class _Offline:
    """Makes no request."""

    def send(self, request: Request) -> NoReturn:
        raise AssertionError(request.url)


_NO_SECRET: Final = "A" * 43 + "="
"""In place of a secret where none is needed: 32 bytes in base64, as the strictest platform wants it."""


def worker() -> str:
    """What the attempts name this process by."""
    import socket

    return f"{socket.gethostname()}:{os.getpid()}"


def settings(config: str | None, database: str | None) -> Settings:
    """The settings in force in this process."""
    return load(os.environ, config=config, database=database, directory=Path.cwd(), read_platform=read_platform)


def initial_settings(config: str | None, database: str | None) -> tuple[Settings, Path]:
    """The settings that `emdash init` is to write for this process, and their file, which need not exist yet."""
    return initial(os.environ, config=config, database=database, directory=Path.cwd(), read_platform=read_platform)


@contextmanager
def open_session(
    chosen: Settings,
    user: str | None = None,
    *,
    clock: Clock = now,
    notice: Callable[[str], None] = lambda _: None,
) -> Iterator[Session]:
    """A session in the store that the settings name, which is closed at the end of the block.

    Args:
        chosen: the settings.
        user: who acts, by e-mail address, name or id; None: the local operator.
        clock: the present instant.
        notice: called with a line for people that says why a request has to wait.

    Raises:
        UsageError: the URL names no known kind of store.
        DatabaseError: it cannot be opened.
    """
    with open_sessions(chosen, user, clock=clock, notice=notice) as session:
        yield session()


@contextmanager
def open_sessions(
    chosen: Settings,
    user: str | None = None,
    *,
    clock: Clock = now,
    notice: Callable[[str], None] = lambda _: None,
) -> Iterator[Callable[[], Session]]:
    """Creates sessions, one after the other, over one connection, which is closed at the end of the block.

    Each reads anew who acts and what they may do. See `open_session` for the arguments and errors.
    """
    from emdash_cli.store.session import Session, Who

    new_id = id_source(clock)
    with open_database(chosen, notice=notice) as database:
        yield lambda: Session(database, chosen, clock, new_id, Who(user, operator))


def open_database(
    chosen: Settings, *, create: bool = False, notice: Callable[[str], None] = lambda _: None
) -> AbstractContextManager[Database]:
    """The store that the settings name, closed at the end of the block.

    Args:
        chosen: the settings.
        create: whether to create a missing SQLite file.
        notice: called with a line for people that says why a request has to wait.

    Raises:
        UsageError: the URL names no known kind of store.
        DatabaseError: it cannot be opened.
    """
    kind, _, rest = chosen.database.partition(":")
    match kind:
        case "sqlite" if rest:
            from emdash_cli.databases.sqlite import SqliteDatabase

            path = chosen.root / rest
            if create:
                from emdash_cli.inbox.files import queue_trouble

                with queue_trouble(path.parent):
                    path.parent.mkdir(parents=True, exist_ok=True)
            return closing(SqliteDatabase(path, create=create))
        case "d1" if re.fullmatch(r"[\w-]+/[\w-]+", rest, re.ASCII):
            return closing(_d1(chosen, rest, notice))
        case _:
            raise UsageError(
                f"unrecognised database URL {chosen.database!r} (from {chosen.origins.get('database', 'settings')})",
                hint="write sqlite:PATH, or d1:ACCOUNT_ID/DATABASE_ID",
            )


def _d1(chosen: Settings, rest: str, notice: Callable[[str], None]) -> Database:
    from emdash_cli.databases.d1 import D1Database

    account, database = rest.split("/")
    token = os.environ.get("CLOUDFLARE_API_TOKEN", "")
    return D1Database(
        account, database, token, base_url=chosen.api_base_url, group_bytes=chosen.d1_group_bytes, notice=notice
    )
