"""Targets and webhooks: whole articles and signed notices, in the form that their schemas describe."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from standardwebhooks import Webhook, WebhookVerificationError

from emdash_cli.domain.delivery import Category, JobKind
from emdash_cli.domain.errors import UsageError
from emdash_cli.platforms import _schemas, webhook
from tests.platforms.servers.base import SECRET, Said
from tests.platforms.support import ENVIRONMENT, POST, connected, delivery, refused, server_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.platforms.servers.base import Seen, Server

BARE = replace(POST, excerpt=None, author=None, category=None, tags=(), locale="pt-br")
FULL = replace(
    POST,
    title='Quotes "and" \u2028 \U0001f600 </script>',
    image="/media/a.png",
    seo={"canonical": "https://elsewhere.example/a", "description": "Short."},
    metadata={"campaign": {"name": "spring", "budget": 1.5}},
)
OLD, NEW = "whsec_" + base64.b64encode(b"an old secret of some length").decode(), ENVIRONMENT["PLANTED_KEY"]


@pytest.fixture
def target() -> Iterator[Server]:
    with server_of("target") as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Server]:
    with server_of("webhook") as running:
        yield running


@pytest.mark.parametrize("post", [POST, BARE, FULL])
def test_the_body_of_a_target_has_its_schema(target: Server, tmp_path: Path, post: Any) -> None:
    platform = connected(target, tmp_path)
    platform.deliver(delivery(platform, post))
    schema = _schemas.target()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(target.requests[0].json)


def test_what_a_target_gets(target: Server, tmp_path: Path) -> None:
    platform = connected(target, tmp_path)
    outcome = platform.deliver(delivery(platform))
    assert (outcome.category, outcome.external_id) == (Category.DELIVERED, "a-1")
    (request,) = target.requests
    assert (request.method, request.path) == ("POST", "/api/blog/publish")
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    article = request.json
    digest = article.pop("contentHash")
    assert article == {
        "articleId": POST.key,
        "title": POST.title,
        "slug": POST.slug,
        "locale": "en",
        "excerpt": POST.excerpt,
        "tags": ["Edge", "caching tips"],
        "category": "Engineering",
        "author": "Jane Doe",
        "publishedAt": POST.published_at,
        "canonicalUrl": POST.url,
        "image": None,
        "seo": {},
        "metadata": {},
        "markdown": "A cache near you.\n",
        "html": "<p>A cache near you.</p>",
    }
    assert digest.startswith("sha256:")


@pytest.mark.parametrize(
    ("changed", "same"),
    [({"tags": ()}, True), ({"slug": "other"}, True), ({"title": "Other"}, False), ({"content": "[]"}, False)],
)
def test_the_hash_changes_with_title_and_text_alone(
    target: Server,
    tmp_path: Path,
    changed: dict[str, Any],
    same: bool,  # noqa: FBT001
) -> None:
    platform = connected(target, tmp_path)
    one, other = (json.loads(platform.render(post).parts[0]) for post in (POST, replace(POST, **changed)))
    assert (one["contentHash"] == other["contentHash"]) == same
    assert one["articleId"] == other["articleId"]


def test_an_article_that_the_target_has_is_a_duplicate_and_an_update_is_not(target: Server, tmp_path: Path) -> None:
    platform = connected(target, tmp_path)
    platform.deliver(delivery(platform))
    again = platform.deliver(delivery(platform, attempt=1))
    assert (again.category, again.external_id) == (Category.DUPLICATE, "a-1")
    assert platform.deliver(delivery(platform, kind=JobKind.UPDATE)).category == Category.DELIVERED
    keys = {request.headers["idempotency-key"] for request in target.requests}
    assert keys == {"job-7-0"}


@pytest.mark.parametrize(
    ("said", "expected", "number"),
    [
        (Said(204, b""), Category.DELIVERED, POST.key),
        (Said(200, {"id": 12}), Category.DELIVERED, "12"),
        (Said(200, {"existed": "true", "id": 12}), Category.DELIVERED, "12"),
        (Said(200, ["odd"]), Category.TRANSIENT, None),
        (Said(409, {"error": "slug"}), Category.VALIDATION, None),
        (Said(422, {"error": "title"}), Category.VALIDATION, None),
    ],
)
def test_answers_of_a_target(
    target: Server, tmp_path: Path, said: Said, expected: Category, number: str | None
) -> None:
    outcome = refused(target, tmp_path, said)
    assert (outcome.category, outcome.external_id) == (expected, number)


@pytest.mark.parametrize("post", [POST, BARE, FULL])
@pytest.mark.parametrize(
    ("kind", "event", "at"),
    [
        (JobKind.ANNOUNCE, "post.published", POST.published_at),
        (JobKind.UPDATE, "post.updated", "2026-11-27T09:00:00.000Z"),
    ],
)
def test_the_payload_of_a_webhook_has_its_schema(
    receiver: Server, tmp_path: Path, post: Any, kind: JobKind, event: str, at: str
) -> None:
    platform = connected(receiver, tmp_path)
    changed = replace(post, updated_at="2026-11-27T09:00:00.000Z")
    platform.deliver(delivery(platform, changed, kind=kind))
    payload = receiver.requests[0].json
    schema = _schemas.webhook()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(payload)
    assert (payload["type"], payload["version"], payload["timestamp"]) == (event, 1, at)
    assert payload["data"]["url"] == POST.url
    assert "markdown" not in payload["data"]


def notice(root: Path, receiver: Server, secret: object) -> Seen:
    """What the receiver gets, sent now, since the oracle refuses what is older than five minutes."""
    (root / "old").write_text(OLD)
    receiver.instead = lambda _: Said(204, b"")
    platform = connected(receiver, root, secret=secret)
    made = delivery(platform, FULL, now=datetime.now(UTC))
    assert platform.deliver(made).external_id == made.key
    return receiver.requests[-1]


@pytest.mark.parametrize(
    ("secret", "valid", "invalid"),
    [("env:PLANTED_KEY", [NEW], [OLD]), ("file:old", [OLD], [NEW]), (["file:old", "env:PLANTED_KEY"], [OLD, NEW], [])],
)
def test_signatures_are_those_of_the_reference_library(
    receiver: Server, tmp_path: Path, secret: object, valid: list[str], invalid: list[str]
) -> None:
    request = notice(tmp_path, receiver, secret)
    for one in valid:
        assert Webhook(one).verify(request.body, request.headers) == request.json
    for one in invalid:
        with pytest.raises(WebhookVerificationError):
            Webhook(one).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(valid[0]).verify(request.body.replace(b"Quotes", b"quotes"), request.headers)


def test_attempts_have_the_same_id_and_body(receiver: Server, tmp_path: Path) -> None:
    platform = connected(receiver, tmp_path)
    for attempt in (0, 1):
        platform.deliver(delivery(platform, attempt=attempt))
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert "." not in first.headers["webhook-id"]
    assert first.body == second.body


@pytest.mark.parametrize(
    ("status", "expected"), [(410, Category.AUTH), (404, Category.VALIDATION), (500, Category.TRANSIENT)]
)
def test_answers_of_a_receiver(receiver: Server, tmp_path: Path, status: int, expected: Category) -> None:
    assert refused(receiver, tmp_path, Said(status, b"no")).category == expected


def test_a_secret_that_is_none_is_refused_without_being_shown(receiver: Server, tmp_path: Path) -> None:
    for weak in ("whsec_", "whsec_c2hvcnQ=", "not base64 at all", SECRET):
        (tmp_path / "weak").write_text(weak)
        with pytest.raises(UsageError) as refusal:
            connected(receiver, tmp_path, secret="file:weak")  # noqa: S106
        assert weak not in str(refusal.value) or weak == "whsec_"


@pytest.mark.parametrize("value", [[], ["env:A", "env:B", "env:C"], "whsec_abc", ["whsec_abc"], None])
def test_settings_name_one_secret_or_two(value: object) -> None:
    with pytest.raises(UsageError):
        webhook.secrets(value)
