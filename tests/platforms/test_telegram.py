"""Telegram: messages of a bot, which nothing recognises when they are sent again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.delivery import Category
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.lengths import utf16_units
from emdash_cli.platforms import telegram
from tests.platforms.servers.base import SECRET, Fault, Said
from tests.platforms.support import POST, connected, delivered_thread, delivery, refused, server_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.platforms.servers.base import Server

THREAD = replace(POST, social={"telegram": ["We measured.", "It is quick."]})
# What `sendMessage` of Bot API 10.1 takes and we send, with the types of its description.
FIELDS: dict[str, tuple[type, ...]] = {
    "chat_id": (int, str),
    "message_thread_id": (int,),
    "text": (str,),
    "link_preview_options": (dict,),
    "disable_notification": (bool,),
    "reply_parameters": (dict,),
}


@pytest.fixture
def server() -> Iterator[Server]:
    with server_of("telegram") as running:
        yield running


def test_requests_have_what_the_description_of_the_api_allows(server: Server, tmp_path: Path) -> None:
    delivered_thread(connected(server, tmp_path, topic=12, silent=True), THREAD)
    for request in server.requests:
        assert request.method == "POST"
        assert request.headers["content-type"] == "application/json"
        assert set(request.json) <= set(FIELDS)
        assert all(isinstance(value, FIELDS[name]) for name, value in request.json.items())
        assert 1 <= utf16_units(request.json["text"]) <= 4096
        assert "parse_mode" not in request.json
        assert (request.json["message_thread_id"], request.json["disable_notification"]) == (12, True)


def test_only_the_first_message_shows_the_post_and_the_others_reply(server: Server, tmp_path: Path) -> None:
    sent = delivered_thread(connected(server, tmp_path), THREAD)
    first, second = [request.json for request in server.requests]
    assert first["link_preview_options"] == {"url": POST.url}
    assert "reply_parameters" not in first
    assert second["link_preview_options"] == {"is_disabled": True}
    assert second["reply_parameters"] == {"message_id": int(sent[0])}


def test_a_thread_resumes_after_its_last_message(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    parts = platform.render(THREAD).parts
    first = platform.deliver(delivery(platform, THREAD, text=parts[0], steps=2))
    made = delivery(platform, THREAD, text=parts[1], step=1, steps=2, sent=(str(first.external_id),))
    server.faults = [Fault(instead=Said(429, {"ok": False, "parameters": {"retry_after": 5}}))]
    assert platform.deliver(made).category == Category.RATE_LIMITED
    assert platform.deliver(made).category == Category.DELIVERED
    assert server.held == list(parts)


def error(status: int, description: str, **parameters: Any) -> Said:
    said = {"ok": False, "error_code": status, "description": description}
    return Said(status, said | ({"parameters": parameters} if parameters else {}))


@pytest.mark.parametrize(
    ("said", "expected", "shown"),
    [
        (error(400, "Bad Request: message is too long"), Category.VALIDATION, "message is too long"),
        (error(400, "Bad Request: chat not found"), Category.AUTH, "chat not found"),
        (error(400, "Bad Request: message thread not found"), Category.AUTH, "thread not found"),
        (error(400, "Bad Request: TOPIC_CLOSED"), Category.AUTH, "TOPIC_CLOSED"),
        (error(400, "Bad Request: not enough rights to send text messages to the chat"), Category.AUTH, "rights"),
        (error(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1001234567890123),
         Category.AUTH, "set `chat` to -1001234567890123"),
        (error(401, "Unauthorized"), Category.AUTH, "Unauthorized"),
        (error(403, "Forbidden: bot was kicked from the channel chat"), Category.AUTH, "kicked"),
        (error(404, "Not Found"), Category.AUTH, "Not Found"),
        (Said(404, b""), Category.AUTH, "does not know the bot's token"),
        (error(500, "Internal Server Error"), Category.UNKNOWN, "Internal"),
        (Said(200, {"ok": True, "result": {}}), Category.UNKNOWN, "no message_id"),
        (Said(200, {"ok": False, "result": {"message_id": 5}}), Category.UNKNOWN, "no message_id"),
    ],
)  # fmt: skip
def test_refusals(server: Server, tmp_path: Path, said: Said, expected: Category, shown: str) -> None:
    outcome = refused(server, tmp_path, said)
    assert outcome.category == expected
    assert shown in str(outcome.error)
    assert SECRET not in repr(outcome)


def test_a_limit_says_how_long_to_wait(server: Server, tmp_path: Path) -> None:
    outcome = refused(server, tmp_path, error(429, "Too Many Requests: retry after 35", retry_after=35))
    assert (outcome.category, outcome.retry_after_s) == (Category.RATE_LIMITED, 35)


@pytest.mark.parametrize(
    "title", ["<b>bold</b> *x* _y_ [z](https://evil.example) `q` /start", "\U0001f600" * 3000, "a\u0301" * 5000]
)
def test_titles_are_sent_as_they_are_and_fit(server: Server, tmp_path: Path, title: str) -> None:
    platform = connected(server, tmp_path)
    (text,) = platform.render(replace(POST, title=title)).parts
    assert utf16_units(text) <= 4096
    assert text.startswith(title[:40])
    assert text.endswith(POST.url)
    assert platform.deliver(delivery(platform, replace(POST, title=title))).category == Category.DELIVERED


def test_a_name_that_becomes_a_link_is_reported(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    assert platform.render(POST).warnings == ()
    rendered = platform.render(replace(POST, title="main.rs and main.rs"))
    assert rendered.warnings == ("Telegram turns main.rs into a link",)


@pytest.mark.parametrize(("value", "expected"), [("@blog", "@blog"), (-1001234567890, "-1001234567890"), ("42", "42")])
def test_chats(value: object, expected: str) -> None:
    assert telegram.chat(value) == expected


@pytest.mark.parametrize("value", ["blog", "@1st", "https://t.me/blog", "", True, None, 1.5])
def test_what_is_no_chat_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match="is not a chat"):
        telegram.chat(value)
