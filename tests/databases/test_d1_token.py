"""The token of D1 is shown nowhere."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

import pytest

from emdash_cli.domain.errors import CredentialsError, DatabaseError
from tests.d1_engine.faults import CPU_LIMIT, DROPPED_AFTER, FAILED_BEFORE, SPURIOUS_DENIAL, Fault, throttled
from tests.databases.support import ONE, announce

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.d1_engine.engine import Instance
    from tests.databases.support import Waiting


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
            shown += [repr(error), str(vars(error)), *with_locals(error)]
        shown += [*waiting.notices, caplog.text]
        assert names.token not in "\n".join(shown)

    def test_it_is_blotted_out_when_the_other_side_repeats_it(self, waiting: Waiting, names: Instance) -> None:
        names.faults(Fault(status=400, code=7400, message="bad header: " + f"Bearer {names.token} " * 9))
        with pytest.raises(DatabaseError) as caught:
            waiting.database.query(ONE)
        assert "bad header: Bearer [token]" in str(caught.value)
        assert names.token[:8] not in "".join(with_locals(caught.value))

    def test_it_is_not_in_a_notice_either(self, waiting: Waiting, names: Instance) -> None:
        names.faults(Fault(status=500, message=f"Bearer {names.token}"))
        waiting.database.query(ONE)
        said = "D1 gave no usable answer: Bearer [token]; trying again in 0.5 s"
        assert waiting.notices == [f"at {names.base_url}: {said}"]


def with_locals(error: BaseException) -> Iterator[str]:
    """The traceback as a debugger would show it, variables and all, but for the test's own frame."""
    own = error.__traceback__
    shown = error.with_traceback(own.tb_next if own else None)
    return traceback.TracebackException.from_exception(shown, capture_locals=True).format()
