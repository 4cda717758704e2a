"""Posts, deliveries and platforms that are set up against a server on 127.0.0.1."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from emdash_cli import platforms
from emdash_cli.domain.delivery import Account, Delivery, JobKind, PublicPost
from emdash_cli.domain.errors import UsageError
from emdash_cli.web import WebClient
from tests.platforms.servers.base import SECRET, Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emdash_cli.domain.delivery import Outcome, Platform
    from tests.platforms.servers.base import Said, Server

_T = TypeVar("_T")
NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
SITE = "https://blog.example.com"
ENVIRONMENT = {"PLANTED": SECRET, "PLANTED_KEY": "whsec_" + base64.b64encode(SECRET.encode()).decode()}
BLOCK = {"_type": "block", "_key": "b1", "style": "normal", "markDefs": [], "children": []}
TEXT = [{"_type": "span", "_key": "b1s0", "text": "A cache near you.", "marks": []}]

POST = PublicPost(
    id="01JPOST",
    key="id:edge:en",
    slug="edge-caching",
    locale="en",
    title="Edge caching explained",
    url=f"{SITE}/posts/edge-caching",
    content=json.dumps([{**BLOCK, "children": TEXT}]),
    published_at="2026-11-26T08:00:00.000Z",
    updated_at="2026-11-26T08:00:00.000Z",
    version=1,
    excerpt="We measured how a cache behaves.",
    author="Jane Doe",
    category="Engineering",
    tags=("Edge", "caching tips"),
)


class Table:
    """A table of emdash.toml; `taken` are the keys that somebody reads."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self.taken: set[str] = set()

    def take(self, key: str, default: _T, read: Callable[[Any], _T]) -> _T:
        self.taken.add(key)
        return read(self.values[key]) if key in self.values else default

    def need(self, key: str, read: Callable[[Any], _T]) -> _T:
        self.taken.add(key)
        if key not in self.values:
            raise UsageError(f"`{key}` is missing")
        return read(self.values[key])


def server_of(kind: str) -> Server:
    """A server of that kind of platform, which has not begun."""
    made: Server = import_module(f"tests.platforms.servers.{kind.replace('-', '_')}").Server()
    return made


def connected(server: Server, root: Path, *, whole_s: float = 20.0, **changed: Any) -> Platform:
    """The platform, set up for the server as emdash.toml would do it."""
    kind = platforms.find(server.KIND)
    table = Table({**server.settings(server.base), **changed})
    settings = kind.Settings.read(table)
    assert set(table.values) <= table.taken
    http = WebClient(whole_s=whole_s, allow_private=True, keeps_connections=False)
    return kind.connect(settings, Account("account", SITE), http, lambda secret: secret.reveal(ENVIRONMENT, root))


def delivery(platform: Platform, post: PublicPost = POST, **changed: Any) -> Delivery:
    """The first request of the post's job."""
    parts = platform.render(post).parts
    first = Delivery(
        job=7,
        key="job-7-0",
        kind=JobKind.ANNOUNCE,
        post=post,
        text=parts[0],
        step=0,
        steps=len(parts),
        sent=(),
        attempt=0,
        now=NOW,
        change={"path": "/posts/edge-caching", "path_before": None},
    )
    return replace(first, **changed)


def delivered_thread(platform: Platform, post: PublicPost) -> list[str]:
    """Send all parts of the post's job, as the runner does; their external ids."""
    parts = platform.render(post).parts
    sent: list[str] = []
    for step, text in enumerate(parts):
        key = f"job-7-{step}"
        made = delivery(platform, post, text=text, step=step, sent=tuple(sent), key=key)
        outcome = platform.deliver(made)
        assert outcome.external_id, outcome
        sent.append(outcome.external_id)
    return sent


def refused(server: Server, root: Path, said: Said, **changed: Any) -> Outcome:
    """What one request comes to that the server answers like this instead of taking it."""
    server.faults = [Fault(instead=said)]
    platform = connected(server, root)
    return platform.deliver(delivery(platform, **changed))
