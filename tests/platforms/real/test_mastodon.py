"""Statuses on a Mastodon server that is not ours: keys, refusals, threads, and looking for what is there.

It counts whole addresses, unlike Mastodon, so the texts here are short.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from emdash_cli.domain.delivery import Account, Category
from emdash_cli.platforms import mastodon as kind
from emdash_cli.web import WebClient
from tests.platforms.support import POST, SITE, Table, delivered_thread, delivery

PAST = replace(POST, published_at="2020-01-01T00:00:00.000Z")


def account(base: str, token: str = "mock_token", **changed: Any) -> kind.Mastodon:  # noqa: S107 - of the test server
    settings = kind.Settings.read(Table({"token": "env:TOKEN", "api_base": base, **changed}))
    http = WebClient(allow_private=True, keeps_connections=False)
    return kind.connect(settings, Account("mastodon", SITE), http, lambda _: token)


def unique() -> str:
    return f"A status of its own, {uuid.uuid4()}"


def test_a_repeated_key_gives_the_same_status(mastodon: str) -> None:
    platform = account(mastodon)
    made = delivery(platform, replace(PAST, social={"mastodon": unique()}), key=unique())
    first, second = platform.deliver(made), platform.deliver(replace(made, attempt=1))
    assert (first.category, second.category) == (Category.DELIVERED, Category.DELIVERED)
    assert first.external_id == second.external_id
    other = platform.deliver(replace(made, key=unique()))
    assert other.external_id != first.external_id


def test_a_status_is_found_by_its_text_and_its_place(mastodon: str) -> None:
    platform = account(mastodon)
    post = replace(PAST, social={"mastodon": [unique(), f"{unique()} & <more>"]})
    parts = platform.render(post).parts
    missing = platform.find(delivery(platform, post))
    assert missing
    assert missing.category == Category.TRANSIENT
    sent = delivered_thread(platform, post)
    first = platform.find(delivery(platform, post))
    second = platform.find(delivery(platform, post, text=parts[1], step=1, steps=2, sent=(sent[0],)))
    assert first
    assert second
    assert [first.external_id, second.external_id] == sent


def test_a_wrong_token_is_an_alarm(mastodon: str) -> None:
    platform = account(mastodon, token="wrong-token-3a7f")  # noqa: S106
    outcome = platform.deliver(delivery(platform, PAST, key=unique()))
    assert outcome.category == Category.AUTH
    assert platform.find(delivery(platform, PAST)) is None


@pytest.mark.parametrize("text", ["", "x" * 501])
def test_what_the_server_does_not_take_is_the_fault_of_the_text(mastodon: str, text: str) -> None:
    platform = account(mastodon)
    outcome = platform.deliver(replace(delivery(platform, PAST, key=unique()), text=text))
    assert outcome.category == Category.VALIDATION, outcome
