"""D1Database against a real engine that fails on request."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from http.client import parse_headers
from typing import TYPE_CHECKING

import httpx
import pytest

from emdash_cli.databases.d1 import BURST
from emdash_cli.domain.errors import CredentialsError, DatabaseError, RefusedError, TooLargeError, UnavailableError
from emdash_cli.domain.ports import Statement
from tests.d1_engine.faults import (
    CPU_LIMIT,
    DROPPED_AFTER,
    FAILED_AFTER,
    FAILED_BEFORE,
    NOTHING,
    OVERLOADED,
    PROXY_PAGE,
    SENT_TWICE,
    SPURIOUS_DENIAL,
    TIME_LIMIT,
    TRUNCATED,
    Fault,
    slow,
    throttled,
)
from tests.databases.support import ONE, announce, effects

if TYPE_CHECKING:
    from emdash_cli.databases.d1 import D1Database
    from tests.d1_engine.engine import Instance
    from tests.databases.support import Waiting


class TestSentAgain:
    @pytest.mark.parametrize(
        ("fault", "requests"),
        [
            pytest.param(NOTHING, 1, id="nothing"),
            pytest.param(SENT_TWICE, 1, id="sent twice"),
            pytest.param(FAILED_BEFORE, 2, id="500 before the commit"),
            pytest.param(FAILED_AFTER, 2, id="500 after the commit"),
            pytest.param(DROPPED_AFTER, 2, id="connection dropped after the commit"),
            pytest.param(TRUNCATED, 2, id="an answer too few"),
            pytest.param(OVERLOADED, 2, id="overloaded"),
            pytest.param(PROXY_PAGE, 2, id="a proxy's page"),
            pytest.param(Fault(status=200, after=True, text="<html>"), 2, id="a page with status 200"),
            pytest.param(SPURIOUS_DENIAL, 2, id="a spurious denial"),
            pytest.param(throttled(), 2, id="throttled"),
        ],
    )
    def test_one_fault_ends_in_one_effect(self, waiting: Waiting, names: Instance, fault: Fault, requests: int) -> None:
        names.faults(fault)
        answer = waiting.database.batch(announce("a"))
        assert answer[-1] == [{"name": "a", "times": 1}]
        assert effects(names) == {"a": 1}
        assert len(names.requests()) == requests
        assert len(waiting.time.sleeps) == len(waiting.notices) == requests - 1

    def test_faults_of_many_kinds_in_a_row_end_in_one_effect(self, waiting: Waiting, names: Instance) -> None:
        names.faults(FAILED_BEFORE, DROPPED_AFTER, throttled("3"), OVERLOADED, FAILED_AFTER, SPURIOUS_DENIAL, TRUNCATED)
        assert waiting.database.batch(announce("a"))[-1] == [{"name": "a", "times": 1}]
        assert effects(names) == {"a": 1}
        assert names.faults_left() == 0

    def test_two_writers_through_a_bad_line_have_each_effect_once(self, waiting: Waiting, names: Instance) -> None:
        names.faults(NOTHING, SENT_TWICE, NOTHING, DROPPED_AFTER, FAILED_AFTER, NOTHING, cycle=True)
        wanted = [f"n{number}" for number in range(20)]
        databases = [waiting.open(sleep=lambda _: None) for _ in range(2)]

        def write(database: D1Database) -> None:
            for name in wanted:
                database.batch(announce(name))

        writers = [threading.Thread(target=write, args=(database,)) for database in databases]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert effects(names) == dict.fromkeys(wanted, 1)

    def test_a_late_answer_is_asked_for_once_more(self, waiting: Waiting, names: Instance) -> None:
        hasty = waiting.open(client=lambda: httpx.Client(timeout=0.15))
        names.faults(slow(0.4))
        assert hasty.batch(announce("a"))[-1] == [{"name": "a", "times": 1}]
        assert effects(names) == {"a": 1}

    def test_a_store_that_never_answers_in_time_is_given_up_after_two_requests(self, waiting: Waiting) -> None:
        tried: list[httpx.Request] = []

        def silent(request: httpx.Request) -> httpx.Response:
            tried.append(request)
            raise httpx.ReadTimeout("silence", request=request)

        database = waiting.open(client=lambda: httpx.Client(transport=httpx.MockTransport(silent)))
        with pytest.raises(UnavailableError, match="no answer within 35 s"):
            database.query(ONE)
        assert len(tried) == 2

    def test_a_line_that_is_cut_before_any_answer_is_tried_again_and_given_up(self, waiting: Waiting) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as server:
            threading.Thread(target=hang_up, args=(server, 6), daemon=True).start()
            database = waiting.open(base_url=f"http://127.0.0.1:{server.getsockname()[1]}")
            with pytest.raises(UnavailableError, match="Server disconnected"):
                database.query(ONE)
        assert len(waiting.time.sleeps) == 5

    def test_what_keeps_failing_is_given_up_as_unavailable(self, waiting: Waiting, names: Instance) -> None:
        names.faults(FAILED_BEFORE, cycle=True)
        with pytest.raises(UnavailableError, match="internal error") as caught:
            waiting.database.batch(announce("a"))
        assert caught.value.retryable
        assert len(names.requests()) == 6
        assert waiting.time.sleeps == [0.5, 1.0, 2.0, 4.0, 8.0]
        assert effects(names) == {}

    def test_it_waits_as_long_as_it_is_told_to(self, waiting: Waiting, names: Instance) -> None:
        names.faults(throttled("120"))
        waiting.database.query(ONE)
        assert waiting.time.sleeps == [120.5]

    def test_it_waits_until_the_date_that_it_is_told(self, waiting: Waiting, names: Instance) -> None:
        names.faults(throttled("Sun, 22 Nov 2026 12:00:40 GMT"))
        waiting.database.query(ONE)
        assert waiting.time.sleeps == [40.5]

    def test_it_does_not_wait_longer_than_a_block_lasts(self, waiting: Waiting, names: Instance) -> None:
        names.faults(throttled("3600"))
        with pytest.raises(UnavailableError, match="rate limit") as caught:
            waiting.database.query(ONE)
        assert "3600 seconds" in caught.value.hint
        assert waiting.time.sleeps == []

    def test_it_does_not_wait_out_one_block_after_another(self, waiting: Waiting, names: Instance) -> None:
        names.faults(throttled("300"), cycle=True)
        with pytest.raises(UnavailableError, match="rate limit"):
            waiting.database.query(ONE)
        assert waiting.time.sleeps == [300.5]

    def test_it_stays_below_the_rate_limit_by_itself(self, waiting: Waiting) -> None:
        for _ in range(BURST):
            waiting.database.query(ONE)
        assert waiting.time.sleeps == []
        waiting.database.query(ONE)
        assert len(waiting.time.sleeps) == 1


class TestNotSentAgain:
    @pytest.mark.parametrize("fault", [CPU_LIMIT, TIME_LIMIT])
    def test_a_batch_that_runs_into_a_limit_is_too_large(self, waiting: Waiting, names: Instance, fault: Fault) -> None:
        names.faults(fault)
        with pytest.raises(TooLargeError):
            waiting.database.batch(announce("a"))
        assert len(names.requests()) == 1

    def test_a_lone_statement_that_runs_into_a_limit_has_a_second_chance(
        self, waiting: Waiting, names: Instance
    ) -> None:
        names.faults(TIME_LIMIT)
        assert waiting.database.query(ONE) == [{"one": 1}]
        names.faults(TIME_LIMIT, TIME_LIMIT)
        with pytest.raises(TooLargeError):
            waiting.database.query(ONE)

    def test_a_refused_body_is_too_large_and_its_half_passes(self, waiting: Waiting, names: Instance) -> None:
        names.max_body(1000)
        batch = [Statement("SELECT ?1 AS t", ("x" * 600,)), Statement("SELECT ?1 AS t", ("y" * 600,))]
        with pytest.raises(TooLargeError):
            waiting.database.batch(batch)
        assert [len(waiting.database.batch([half])) for half in batch] == [1, 1]
        assert [request.status for request in names.requests()] == [413, 200, 200]

    def test_a_constraint_is_refused_at_once(self, waiting: Waiting, names: Instance) -> None:
        names.execute("CREATE UNIQUE INDEX one_name ON names (name)")
        twice = Statement("INSERT INTO names VALUES ('a', 1)")
        with pytest.raises(RefusedError, match=r"UNIQUE constraint failed: names\.name"):
            waiting.database.batch([twice, twice])
        assert len(names.requests()) == 1

    def test_a_wrong_token_names_the_variable(self, waiting: Waiting, d1: Instance) -> None:
        with pytest.raises(CredentialsError, match="CLOUDFLARE_API_TOKEN") as caught:
            waiting.open(token=d1.token[:-1]).query(ONE)
        assert "CLOUDFLARE_API_TOKEN" in caught.value.hint
        assert [request.status for request in d1.requests()] == [401]

    def test_a_lasting_denial_is_believed_the_second_time(self, waiting: Waiting, names: Instance) -> None:
        names.faults(SPURIOUS_DENIAL, cycle=True)
        with pytest.raises(CredentialsError, match="CLOUDFLARE_API_TOKEN"):
            waiting.database.query(ONE)
        assert len(names.requests()) == 2

    def test_a_wrong_account_or_database_is_not_taken_for_an_outage(self, waiting: Waiting) -> None:
        with pytest.raises(DatabaseError, match="no such D1 database") as caught:
            waiting.open(base_url=waiting.instance.origin + "/elsewhere").query(ONE)
        assert caught.value.code == "store_missing"
        assert not caught.value.retryable

    def test_a_redirect_is_not_followed_with_the_token(self, waiting: Waiting, names: Instance) -> None:
        names.faults(Fault(status=302, text="", headers={"Location": names.base_url}))
        with pytest.raises(DatabaseError, match="not Cloudflare's API"):
            waiting.database.query(ONE)
        assert len(names.requests()) == 1


def test_after_closing_it_may_be_used_again(waiting: Waiting) -> None:
    waiting.database.query(ONE)
    waiting.database.close()
    assert waiting.database.query(ONE) == [{"one": 1}]


def hang_up(server: socket.socket, times: int) -> None:
    """Read the given number of calls and close each connection; one with unread bytes would be reset instead."""
    for _ in range(times):
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as call:
            call.readline()
            call.read(int(parse_headers(call)["Content-Length"]))
