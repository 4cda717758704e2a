"""Where alarms go: a webhook that is signed like all others, and a command that reads a notice."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emdash_cli.domain.errors import EmdashError
from emdash_cli.domain.replies import Request, failure
from emdash_cli.platforms.webhook import key_of, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from emdash_cli.domain.delivery import Secret
    from emdash_cli.domain.replies import Http
    from emdash_cli.settings import AlarmChannels, Alarms


@dataclass(frozen=True)
class AlarmSender:
    """Sends notices to what the settings name.

    Attributes:
        alarms: the settings.
        root: where commands are run.
        connect: what sends the requests of a webhook.
        reveal: answers a secret, or raises an `EmdashError` that names the place of it.
        secrets: taken out of what a command says, which finds them in its environment.
    """

    alarms: Alarms
    root: Path
    connect: Callable[[AlarmChannels], Http]
    reveal: Callable[[Secret], str]
    secrets: Sequence[str]

    def send(self, of_class: str, notice_id: str, body: str, now: datetime) -> str | None:
        """Send a notice; why that failed, in a sentence, or None.

        Args:
            of_class: ``ops`` or ``content``.
            notice_id: the same whenever the same notice is repeated.
            body: the notice as JSON.
            now: the present instant.
        """
        channels: AlarmChannels = getattr(self.alarms, of_class)
        problems = []
        if channels.webhook:
            problems.append(self._post(channels, notice_id, body, now))
        if channels.command:
            problems.append(self._run(channels, body))
        return "; ".join(filter(None, problems)) or None

    def _post(self, channels: AlarmChannels, notice_id: str, body: str, now: datetime) -> str | None:
        if channels.webhook is None or channels.secret is None:
            return None
        try:
            key = key_of(self.reveal(channels.secret), "alarms.secret")
        except EmdashError as error:
            return f"the webhook was not called: {error.message}"
        timestamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": notice_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature((key,), notice_id, timestamp, body),
        }
        answer = self.connect(channels).send(Request("POST", channels.webhook, headers, body.encode()))
        refused = failure(answer, idempotent=True)
        return f"the webhook failed: {refused.error}" if refused else None

    def _run(self, channels: AlarmChannels, body: str) -> str | None:
        words = shlex.split(channels.command or "")
        try:
            ran = subprocess.run(  # noqa: S603 - the command of the settings
                words,
                input=body.encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd=self.root,
                timeout=channels.timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"the command {words[0]} took longer than {channels.timeout_s} s"
        except OSError as error:
            return f"the command {words[0]} could not be run: {error.strerror}"
        if not ran.returncode:
            return None
        told = ran.stderr.decode("utf-8", "replace")
        for secret in sorted(self.secrets, key=len, reverse=True):
            told = told.replace(secret, "***")
        said = told.strip().splitlines()[-1:]
        return f"the command {words[0]} ended with {ran.returncode}{f': {said[0][:200]}' if said else ''}"
