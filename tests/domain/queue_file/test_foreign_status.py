"""What becomes of the keys of other tools that say when a post is shown, and whether."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from emdash_cli.domain.queue_file.key_names import RULES, TIMES
from emdash_cli.domain.queue_file.readings import deletes, drafts, embargoes, expires, releases, restricts
from tests.domain.queue_file.support import article, refusal


def names(read: Any) -> list[str]:
    return [name for rule in RULES if rule.read is read for name in rule.names]


@pytest.mark.parametrize("name", [name for rule in TIMES if rule.firm for name in rule.names])
def test_another_time_beside_the_time_is_refused(name: str) -> None:
    error = refusal({"publish_at": "2026-07-01", name: "2026-08-01"})
    assert [(problem.line, problem.field) for problem in error.problems] == [(5, name)]
    assert 'contradicts "publish_at"' in str(error)
    assert article(publish_at="2026-07-01", **{name: "2026-07-01"}).status == "scheduled"


@pytest.mark.parametrize("name", names(drafts))
def test_drafts(name: str) -> None:
    assert article(**{name: True}).status == "draft"
    assert article(**{name: False}).status is None
    assert article(**{name: False}, date="2027-01-01").status == "scheduled"
    assert article(**{name: True}, status="draft", date="2020-01-01").status == "draft"
    assert "contradicts" in str(refusal({name: True, "status": "published"}))
    assert "must be true or false" in str(refusal({name: "perhaps"}))
    assert "must be true or false" in str(refusal({name: 1}))


@pytest.mark.parametrize("name", [*names(releases), "published"])
def test_releases(name: str) -> None:
    assert article(**{name: False}).status == "draft"
    assert article(**{name: True}).status is None
    assert article(**{name: True}, date="2027-01-01").status == "scheduled"
    assert "contradicts" in str(refusal({name: False, "status": "published"}))
    assert "must be true or false" in str(refusal({name: 0}))


@pytest.mark.parametrize("name", names(embargoes))
def test_embargoes(name: str) -> None:
    assert article(**{name: "2027-01-01"}).status == "scheduled"
    assert article(**{name: False}).status is None
    assert "until when" in str(refusal({name: True}))
    assert "contradicts" in str(refusal({name: "2027-01-01", "publish_at": "2026-06-02"}))
    assert "contradicts" not in str(refusal({name: "2027-01-01", "status": "published"}))


@pytest.mark.parametrize("name", names(restricts))
def test_restrictions(name: str) -> None:
    empty: tuple[Any, ...] = (False, "", 0, [], {}, None)
    for value in empty:
        assert article(**{name: value}) == article()
    for value in (True, "x", 1, ["x"], {"x": 1}):
        assert [problem.field for problem in refusal({name: value}).problems] == [name]


@pytest.mark.parametrize("name", names(expires))
def test_expiries(name: str) -> None:
    for value in ("", False, None):
        assert article(**{name: value}) == article()
    assert article(**{name: "2027-01-01"}) == article(expires_at="2027-01-01")
    assert article(**{name: "2027-01-01", "expires_at": "2027-01-01"}) == article(expires_at="2027-01-01")
    assert "contradicts" in str(refusal({name: "2027-01-01", "expires_at": "2027-01-02"}))
    assert "until when" in str(refusal({name: True}))
    for other in ("never", 1):
        assert [problem.field for problem in refusal({name: other}).problems] == [name]


@pytest.mark.parametrize("name", names(deletes))
def test_nothing_deletes_a_post(name: str) -> None:
    assert article(**{name: ""}) == article()
    for value in ("2027-01-01", "2020-01-01", "never", True, 1):
        assert "delete the post" in str(refusal({name: value}))


def test_an_article_expires_after_it_was_published() -> None:
    day = datetime(2026, 12, 24, 17, tzinfo=UTC)
    assert article(expires_at="2026-12-24T18:00+01:00").expires_at == day
    assert article(expires_at="2026-12-24T18:00+01:00", publish_at="2026-12-24 17:59").expires_at == day
    for begins in ("2026-12-24 18:00", "2027-01-01"):
        (problem,) = refusal({"expires_at": "2026-12-24T18:00+01:00", "publish_at": begins}).problems
        assert (problem.field, problem.message) == ("expires_at", "is not after publish_at")


@pytest.mark.parametrize("keys", [{}, {"publish_at": "2020-01-01"}, {"status": "published"}])
def test_an_article_that_has_expired_is_refused_unless_it_is_a_draft(keys: dict[str, Any]) -> None:
    for ended in ("2026-06-01T12:00Z", "2026-05-01"):
        (problem,) = refusal({"expiryDate": ended, **keys}).problems
        assert (problem.field, problem.message[:10]) == ("expiryDate", "has passed")
    assert article(expires_at="2026-05-01", status="draft").expires_at == datetime(2026, 4, 30, 22, tzinfo=UTC)
    assert article(expires_at="2026-05-01", draft=True, publish_at="2027-01-01").status == "draft"


@pytest.mark.parametrize(
    ("keys", "allowed"),
    [
        ({"visibility": "public"}, True),
        ({"visibility": "Public"}, True),
        ({"visibility": "members"}, False),
        ({"visibility": ["team"]}, False),
        ({"access": "paid"}, False),
        ({"permalink": "/a/b/"}, True),
        ({"permalink": False}, False),
        ({"render": False}, False),
        ({"render": "never"}, False),
        ({"render": True}, True),
        ({"_build": {"list": "never"}}, False),
        ({"build": {"render": "always"}}, True),
        ({"eleventyExcludeFromCollections": True}, False),
    ],
)
def test_what_would_hold_the_page_back(keys: dict[str, Any], allowed: bool) -> None:  # noqa: FBT001
    if allowed:
        assert article(**keys).metadata == keys
    else:
        assert [problem.field for problem in refusal(keys).problems] == list(keys)


@pytest.mark.parametrize(
    ("keys", "status"),
    [
        ({"scheduled": True, "date": "2027-01-01"}, "scheduled"),
        ({"scheduled": "2027-01-01"}, "scheduled"),
        ({"scheduled": False}, None),
        ({"status": "publish"}, "published"),
        ({"status": "future", "date": "2027-01-01"}, "scheduled"),
        ({"published": "2020-01-01"}, "published"),
        ({"published": "2027-01-01"}, "scheduled"),
    ],
)
def test_status_in_other_words(keys: dict[str, Any], status: str) -> None:
    assert article(**keys).status == status


def test_scheduled_without_a_time_is_refused_in_any_words() -> None:
    assert [problem.field for problem in refusal({"scheduled": True}).problems] == ["scheduled"]


def test_date_yields_to_any_other_time() -> None:
    for keys in (
        {"date": "2020-01-01", "publishDate": "2027-01-01"},
        {"publishDate": "2027-01-01", "date": "2020-01-01"},
    ):
        found = article(**keys)
        assert (found.status, found.metadata) == ("scheduled", {"date": "2020-01-01"})


@pytest.mark.parametrize("key", ["state", "stage", "post_status", "workflowState"])
@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("draft", "draft"),
        ("Draft", "draft"),
        ("in review", "draft"),
        ("WIP", "draft"),
        ("published", None),
        ("Ohio", None),
    ],
)
def test_a_state_in_other_words_holds_back_what_it_says(key: str, value: str, status: str | None) -> None:
    found = article(**{key: value})
    assert found.status == status
    assert found.metadata == ({} if status else {key: value})


def test_a_state_of_something_withheld_is_refused() -> None:
    assert "asks for something that a published post cannot do" in str(refusal({"state": "private"}))
    assert "contradicts" in str(refusal({"state": "draft", "status": "published"}))


@pytest.mark.parametrize("key", ["listed", "visible", "isVisible", "public", "is_public", "show", "active", "enabled"])
def test_what_is_not_to_be_shown_is_refused(key: str) -> None:
    for value in (False, "false", "No"):
        assert "asks for something that a published post cannot do" in str(refusal({key: value}))
    assert article(**{key: True}).metadata == {key: True}


@pytest.mark.parametrize("key", ["listen", "shows", "publics", "actives", "stages", "users"])
def test_a_key_much_like_one_of_these_is_another_word(key: str) -> None:
    assert article(**{key: "x"}).metadata == {key: "x"}


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("draft", "true", "draft"),
        ("draft", "False", None),
        ("draft", "no", None),
        ("published", "false", "draft"),
        ("published", "true", None),
        ("publish", "off", "draft"),
        ("hidden", "false", None),
    ],
)
def test_true_and_false_may_be_text(key: str, value: object, status: str | None) -> None:
    assert article(**{key: value}).status == status
