"""What holds for every kind of platform, against a server that behaves as its documentation says."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from emdash_cli import platforms
from emdash_cli.domain.delivery import Category, Searchable
from tests.platforms.servers.base import SECRET, Fault, Said
from tests.platforms.support import POST, connected, delivery, server_of

if TYPE_CHECKING:
    from pathlib import Path

    from emdash_cli.domain.delivery import Outcome
    from tests.platforms.servers.base import Server

GOOD = {Category.DELIVERED, Category.DUPLICATE}


def again(server: Server) -> Category:
    """What an answer that was lost comes to."""
    return Category.TRANSIENT if platforms.find(server.KIND).TRAITS.idempotent else Category.UNKNOWN


def without_secrets(outcome: Outcome) -> None:
    assert SECRET not in repr(outcome)


def test_a_post_is_delivered(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    outcome = platform.deliver(delivery(platform))
    assert outcome.category == Category.DELIVERED, outcome
    assert server.held
    without_secrets(outcome)


def test_a_platform_that_recognises_a_repetition_has_the_post_once(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    platform.deliver(delivery(platform))
    held = len(server.held)
    if platforms.find(server.KIND).TRAITS.idempotent:
        assert platform.deliver(delivery(platform, attempt=1)).category in GOOD
        assert connected(server, tmp_path).deliver(delivery(platform, attempt=1)).category in GOOD
    assert len(server.held) == held


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Said(401, {"message": "no"}), {Category.AUTH}),
        (Said(402, {"message": "no"}), {Category.QUOTA}),
        (Said(400, {"message": "no"}), {Category.VALIDATION}),
        (Said(429, {"message": "no"}, {"Retry-After": "7"}), {Category.RATE_LIMITED}),
        (Said(302, b"", {"Location": "http://127.0.0.1:1/"}), {Category.VALIDATION}),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Said) else "",
)
def test_a_refusal_is_told_apart(server: Server, tmp_path: Path, said: Said, expected: set[Category]) -> None:
    server.faults = [Fault(instead=said)]
    platform = connected(server, tmp_path)
    outcome = platform.deliver(delivery(platform))
    assert outcome.category in expected, outcome
    assert outcome.retry_after_s == (7 if said.status == 429 else None)
    assert not server.held
    without_secrets(outcome)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_server_may_have_taken_the_post(server: Server, tmp_path: Path, status: int) -> None:
    server.faults = [Fault(instead=Said(status, b"<html>oops</html>"))]
    platform = connected(server, tmp_path)
    assert platform.deliver(delivery(platform)).category == again(server)


@pytest.mark.parametrize("fault", [Fault(lost=True), Fault(half=True)], ids=["reset", "cut off"])
def test_an_answer_that_does_not_come_whole(server: Server, tmp_path: Path, fault: Fault) -> None:
    server.faults = [fault]
    platform = connected(server, tmp_path)
    outcome = platform.deliver(delivery(platform))
    if outcome.category != Category.DELIVERED:  # an answer without a body cannot be cut
        assert outcome.category == again(server), outcome
    assert server.held
    without_secrets(outcome)


def test_an_answer_that_comes_too_late(server: Server, tmp_path: Path) -> None:
    server.faults = [Fault(late_s=3)]
    platform = connected(server, tmp_path, whole_s=0.5)
    assert platform.deliver(delivery(platform)).category == again(server)


def test_rubbish_is_not_taken_for_success(server: Server, tmp_path: Path) -> None:
    server.faults = [Fault(instead=Said(200, b"<html>Welcome to the Wi-Fi of this hotel</html>"))]
    platform = connected(server, tmp_path)
    outcome = platform.deliver(delivery(platform))
    # Only the status counts where the documentation promises no body.
    expected = GOOD if server.KIND in {"webhook", "indexnow"} else {again(server)}
    assert outcome.category in expected, outcome


def test_nobody_listens(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    made = delivery(platform)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
    silent = server_of(server.KIND)
    silent.__class__ = type("Silent", (type(silent),), {"base": nowhere})
    outcome = connected(silent, tmp_path).deliver(made)
    assert outcome.category == Category.TRANSIENT, outcome
    without_secrets(outcome)


def test_what_a_lost_answer_left_behind_is_found(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    made = delivery(platform)
    if not isinstance(platform, Searchable):
        return
    before = platform.find(made)
    assert before is not None
    assert before.category == Category.TRANSIENT
    server.faults = [Fault(lost=True)]
    platform.deliver(made)
    after = platform.find(made)
    assert after is not None
    assert after.category == Category.DELIVERED
    assert after.external_id
    assert len(server.held) == 1


def test_a_text_is_the_same_whenever_it_is_made(server: Server, tmp_path: Path) -> None:
    long = replace(POST, title="A title. " * 200, excerpt="An excerpt. " * 900, tags=("a",) * 40)
    platform = connected(server, tmp_path)
    rendered = platform.render(long)
    assert rendered == platform.render(long)
    if server.KIND in {"telegram", "x", "linkedin", "bluesky", "mastodon"}:
        assert len(rendered.lengths) == len(rendered.parts)
        assert rendered.limit
        assert rendered.limit / 2 < max(rendered.lengths) <= rendered.limit
    assert platform.deliver(delivery(platform, long)).category == Category.DELIVERED


def test_the_settings_hold_no_secret(server: Server, tmp_path: Path) -> None:
    settings = platforms.find(server.KIND).Settings
    from tests.platforms.support import Table

    assert SECRET not in repr(settings.read(Table(server.settings(server.base))))
    assert SECRET not in repr(connected(server, tmp_path).render(POST))
