"""A session learns the layout and who acts along with the first request, and asks for neither without need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emdash_cli.domain.errors import DatabaseError, NotAllowedError
from emdash_cli.domain.ports import Statement
from emdash_cli.store.session import Run
from tests.harness.ports import Port
from tests.harness.sessions import session_in
from tests.harness.site import Site  # noqa: TC001 - a fixture's annotation

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE = Statement("SELECT 1 AS one")
EDITOR = "INSERT INTO users (id, email, name, role) VALUES ('U', 'ed@example.com', 'Ed', 40)"


@pytest.fixture
def port(site: Site) -> Iterator[Port]:
    port = Port(site)
    yield port
    port.close()


def test_one_request_reads_the_layout_the_user_and_what_is_asked(port: Port) -> None:
    port.site.sql(EDITOR)
    session = session_in(port, user="ed@example.com")
    assert session.open([ONE, ONE]) == [[{"one": 1}], [{"one": 1}]]
    session.require("publish")
    assert (session.actor, session.layout.is_embedded) == ("user:ed@example.com", True)
    assert port.requests == 1


def test_the_operator_is_not_looked_up(port: Port) -> None:
    session = session_in(port)
    session.require("manage users")
    assert (session.actor, session.person, Run("cleanup", session).actor) == ("operator:test", None, "operator:test")
    assert port.requests == 0


def test_a_permission_that_is_asked_for_first_costs_one_lookup(port: Port) -> None:
    port.site.sql(EDITOR)
    session = session_in(port, user="Ed")
    session.require("read")
    asked = port.requests
    assert session.open() == []
    with pytest.raises(NotAllowedError, match="is an editor"):
        session.require("manage users")
    assert port.requests == asked + 1


def test_the_layout_is_read_when_nothing_was_opened(port: Port) -> None:
    assert {"title", "content", "excerpt"} <= set(session_in(port).layout.fields)
    assert port.requests == 1


@pytest.mark.parametrize("user", [None, "ed@example.com"])
def test_a_database_that_is_no_store_is_called_so(port: Port, user: str | None) -> None:
    port.site.sql("DROP TABLE users")
    port.site.sql("DROP TABLE pipeline_schema")
    session = session_in(port, user=user)
    with pytest.raises(DatabaseError) as raised:
        session.require("read") if user else session.open()
    assert raised.value.code == "store_not_initialised"
