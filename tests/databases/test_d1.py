"""D1Database against a real engine that fails on request."""

from __future__ import annotations

import logging
import socket
import threading
import traceback
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import httpx
import pytest

from emdash_cli.databases.d1_rate import BURST
from emdash_cli.databases.d1_requests import MAX_PARAMS, MAX_SQL_BYTES
from emdash_cli.domain.errors import (
    CredentialsError,
    DatabaseError,
    RefusedError,
    TooLargeError,
    UnavailableError,
    UsageError,
)
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

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emdash_cli.databases.d1 import D1Database
    from tests.d1_engine.engine import Instance
    from tests.databases.waiting import Waiting

ONE = Statement("SELECT 1 AS one")


def announce(name: str) -> list[Statement]:
    """A batch that adds the name once, however often it is sent, and reads back what is so."""
    return [
        Statement("INSERT INTO names SELECT ?1, 1 WHERE NOT EXISTS (SELECT 1 FROM names WHERE name = ?1)", (name,)),
        Statement("INSERT INTO effects SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM effects WHERE name = ?1)", (name,)),
        Statement("SELECT name, times FROM names WHERE name = ?1", (name,)),
    ]


@pytest.fixture
def names(d1: Instance) -> Instance:
    d1.execute("CREATE TABLE names (name TEXT, times INTEGER)", "CREATE TABLE effects (name TEXT)")
    return d1


def effects(instance: Instance) -> Counter[str]:
    (rows,) = instance.execute("SELECT n.name FROM names AS n JOIN effects AS e ON e.name = n.name")
    return Counter(row["name"] for row in rows)


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
            cut = threading.Thread(target=hang_up, args=(server, 6))
            cut.start()
            database = waiting.open(base_url=f"http://127.0.0.1:{server.getsockname()[1]}")
            with pytest.raises(UnavailableError, match="Server disconnected"):
                database.query(ONE)
            cut.join()
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


class TestBeforeSending:
    """What D1 would refuse is refused here, with no request spent on it."""

    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            (Statement("SELECT 1", tuple(range(MAX_PARAMS + 1))), "101 parameters"),
            (Statement("SELECT '" + "é" * (MAX_SQL_BYTES // 2) + "'"), "bytes of SQL"),
            (Statement("SELECT ?1", ("é" * 1_000_001,)), "2,000,002 bytes"),
            (Statement("SELECT ?1", (2**53 + 1,)), "2\\^53"),
            (Statement("SELECT ?1", (-(2**53) - 1,)), "2\\^53"),
            (Statement("SELECT ?1", (float("nan"),)), "nan"),
            (Statement("SELECT ?1", (float("inf"),)), "inf"),
            (Statement("SELECT ?1", ("half \udfff",)), "surrogate"),
            (Statement("SELECT ?1", (b"bytes",)), "bytes"),  # type: ignore[arg-type]
        ],
    )
    def test_a_statement_beyond_the_limits_is_refused(self, waiting: Waiting, statement: Statement, said: str) -> None:
        with pytest.raises(RefusedError, match=said):
            waiting.database.batch([ONE, statement])
        assert waiting.instance.requests() == []

    def test_a_group_beyond_the_limit_is_too_large(self, waiting: Waiting) -> None:
        # A quote has two bytes on the way.
        half = Statement("SELECT length(?1) AS n", ('"' * 990_000,))
        waiting.database.batch([half, half])
        (seen,) = waiting.instance.requests()
        more = Statement("SELECT length(?1) AS n", ('"' * 1_000_000,))
        with pytest.raises(TooLargeError, match="d1_group_bytes"):
            waiting.database.batch([more, more])
        assert len(waiting.instance.requests()) == 1
        waiting.open(group_bytes=seen.bytes + 100_000).batch([more, more])

    def test_an_article_that_is_larger_than_the_groups_are_to_be_is_sent_alone(self, waiting: Waiting) -> None:
        database = waiting.open(group_bytes=100_000)
        assert database.limits.group_bytes == 80_000
        assert database.query(Statement("SELECT length(?1) AS n", ("x" * 1_900_000,))) == [{"n": 1_900_000}]

    def test_what_stands_at_the_limits_passes(self, waiting: Waiting) -> None:
        longest = "SELECT '" + "x" * (MAX_SQL_BYTES - 14) + "' AS t"
        numbered = ",".join(f"?{number}" for number in range(1, MAX_PARAMS + 1))
        answers = waiting.database.batch(
            [
                Statement(longest),
                Statement(f"SELECT max({numbered}) AS top", tuple(range(MAX_PARAMS))),
                Statement("SELECT length(?1) AS n", ("x" * 2_000_000,)),
            ]
        )
        assert len(longest) == MAX_SQL_BYTES
        assert answers[1:] == [[{"top": 99}], [{"n": 2_000_000}]]

    def test_truth_values_are_bound_as_numbers(self, waiting: Waiting) -> None:
        assert waiting.database.query(Statement("SELECT ?1 AS yes, ?2 AS no", (True, False))) == [{"yes": 1, "no": 0}]

    def test_nothing_to_do_costs_no_request(self, waiting: Waiting) -> None:
        assert waiting.database.batch([]) == []
        assert waiting.instance.requests() == []

    def test_a_batch_costs_one_request_however_large(self, waiting: Waiting) -> None:
        waiting.database.batch([Statement("SELECT ?1 AS t", ("x" * 10_000,))] * 300)
        (request,) = waiting.instance.requests()
        assert (request.statements, request.form) == (300, "query")

    @pytest.mark.parametrize("base_url", ["api.cloudflare.com", "ftp://x/", "https://", "http://[::1", ""])
    def test_a_base_url_that_is_none_is_refused(self, waiting: Waiting, base_url: str) -> None:
        with pytest.raises(UsageError, match="no URL"):
            waiting.open(base_url=base_url)

    def test_the_token_is_not_sent_unencrypted_to_another_machine(self, waiting: Waiting) -> None:
        with pytest.raises(UsageError, match="unencrypted"):
            waiting.open(base_url="http://api.cloudflare.com/client/v4")


class TestToken:
    @pytest.mark.parametrize("token", ["", "line\n", "two words", "ümlaut", "nul\0"])
    def test_what_cannot_be_a_token_is_refused_and_not_repeated(self, waiting: Waiting, token: str) -> None:
        with pytest.raises(CredentialsError, match="CLOUDFLARE_API_TOKEN") as caught:
            waiting.open(token=token)
        assert not token or token not in str(caught.value)

    @pytest.mark.parametrize(
        "faults",
        [
            [],
            [FAILED_BEFORE] * 6,
            [SPURIOUS_DENIAL] * 2,
            [DROPPED_AFTER] * 6,
            [throttled("3600")],
            [CPU_LIMIT],
        ],
    )
    def test_it_is_in_no_message_log_notice_or_traceback(
        self, waiting: Waiting, names: Instance, faults: Sequence[Fault], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        names.faults(*faults)
        shown = [repr(waiting.database), str(vars(waiting.database).keys())]
        try:
            waiting.database.batch(announce("a"))
        except DatabaseError as error:
            shown += [repr(error), str(error.as_dict()), *with_locals(error)]
        shown += [*waiting.notices, caplog.text]
        assert names.token not in "\n".join(shown)

    def test_it_is_blotted_out_when_the_other_side_repeats_it(self, waiting: Waiting, names: Instance) -> None:
        names.faults(Fault(status=400, code=7400, message="bad header: " + f"Bearer {names.token} " * 9))
        with pytest.raises(RefusedError) as caught:
            waiting.database.query(ONE)
        assert "bad header: Bearer [token]" in str(caught.value)
        assert names.token[:8] not in "".join(with_locals(caught.value))

    def test_it_is_not_in_a_notice_either(self, waiting: Waiting, names: Instance) -> None:
        names.faults(Fault(status=500, message=f"Bearer {names.token}"))
        waiting.database.query(ONE)
        assert waiting.notices == ["D1 does not answer as it should: Bearer [token]; trying again in 0.5 s"]


def test_after_closing_it_may_be_used_again(waiting: Waiting) -> None:
    waiting.database.query(ONE)
    waiting.database.close()
    assert waiting.database.query(ONE) == [{"one": 1}]


def with_locals(error: BaseException) -> Iterator[str]:
    """The traceback as a debugger would show it, variables and all, but for the test's own frame."""
    own = error.__traceback__
    shown = error.with_traceback(own.tb_next if own else None)
    return traceback.TracebackException.from_exception(shown, capture_locals=True).format()


def hang_up(server: socket.socket, times: int) -> None:
    """Take so many calls and hang up on each once it has said something."""
    for _ in range(times):
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
