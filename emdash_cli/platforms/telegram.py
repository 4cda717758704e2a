"""``kind = "telegram"``: a message of a bot in a chat, group or channel.

Telegram recognises nothing that is sent again (https://core.telegram.org/bots/api#sendmessage).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from emdash_cli.domain.delivery import Category, Outcome, Traits
from emdash_cli.domain.fitting import shortened, thread
from emdash_cli.domain.lengths import utf16_units, x_links
from emdash_cli.domain.replies import Reply, Request, failure, shown
from emdash_cli.platforms import _texts
from emdash_cli.platforms import _values as values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from emdash_cli.domain.delivery import Account, Delivery, PublicPost, Rendered, Secret, Table
    from emdash_cli.domain.replies import Http

# About one message a second in a chat and 20 a minute in a group: https://core.telegram.org/bots/faq
TRAITS: Final = Traits(idempotent=False, concurrency=1, rate="20/min")
LIMIT: Final = 4096
"""Code units of UTF-16 in a message."""
# What is said of the chat or of the bot's rights in it, rather than of the message; Telegram has no codes for it.
_OF_CHAT: Final = re.compile(
    r"chat not found|not enough rights|have no rights|need administrator|CHAT_\w+_FORBIDDEN|thread not found|TOPIC_\w+",
    re.IGNORECASE,
)


def chat(value: object) -> str:
    """A chat: ``@channel``, or the number of a chat."""
    return _texts.identifier(
        value, r"@[A-Za-z]\w{3,}|-?\d{1,20}", 'a chat: "@channel" or a number such as -1001234567890'
    )


class Settings(NamedTuple):
    """``[platforms.NAME]`` of a Telegram bot.

    Attributes:
        token: of the bot, as BotFather gives it.
        chat: where it writes.
        topic: number of a forum topic in that group, or None.
        silent: whether the message makes no sound.
        template: see `_texts.templates`.
        api_base: of the Bot API.
    """

    token: Secret
    chat: str
    topic: int | None
    silent: bool
    template: Mapping[str, str]
    api_base: str

    @classmethod
    def read(cls, table: Table) -> Self:
        """Take the settings from the table."""
        return cls(
            token=table.need("token", values.secret),
            chat=table.need("chat", chat),
            topic=table.take("topic", None, values.count),
            silent=table.take("silent", False, values.yes_or_no),  # noqa: FBT003
            template=table.take("template", {}, _texts.templates),
            api_base=table.take("api_base", "https://api.telegram.org", values.api_url),
        )


def connect(settings: Settings, account: Account, http: Http, reveal: Callable[[Secret], str]) -> Telegram:
    """The bot that these settings describe."""
    address = f"{settings.api_base}/bot{reveal(settings.token)}"
    fixed: dict[str, Any] = {"chat_id": settings.chat}
    if settings.topic:
        fixed["message_thread_id"] = settings.topic
    if settings.silent:
        fixed["disable_notification"] = True
    wording = _texts.Wording(account, "telegram", settings.template, _texts.TITLE_EXCERPT_LINK)
    return Telegram(address, fixed, wording, http)


@dataclass(frozen=True)
class Telegram:
    """A bot in one chat."""

    address: str
    fixed: Mapping[str, Any]
    wording: _texts.Wording
    http: Http

    def render(self, post: PublicPost) -> Rendered:
        """The author's own messages, or the template's; without markup, so that no title can be taken for some."""
        words = self.wording.words(post)
        parts = (
            thread(words.texts, LIMIT, utf16_units)
            if words.by_author
            else [shortened(words.texts[0], LIMIT, utf16_units)]
        )
        names = dict.fromkeys(part[start:end] for part in parts for start, end in x_links(part))
        links = [f"Telegram turns {name} into a link" for name in names if not name.lower().startswith("http")]
        return _texts.counted(parts, (*words.warnings, *links), LIMIT, utf16_units)

    def deliver(self, delivery: Delivery) -> Outcome:
        """Send one message: the first shows a preview of the post, whatever links it has; the others reply to it."""
        message = {**self.fixed, "text": delivery.text}
        if delivery.sent:
            message["reply_parameters"] = {"message_id": int(delivery.sent[-1])}
            message["link_preview_options"] = {"is_disabled": True}
        else:
            message["link_preview_options"] = {"url": delivery.post.url}
        body = json.dumps(message, ensure_ascii=False).encode()
        request = Request("POST", f"{self.address}/sendMessage", {"Content-Type": "application/json"}, body)
        answer = self.http.send(request)
        if isinstance(answer, Reply) and (refused := _refused(answer)):
            return refused
        if refused := failure(answer, idempotent=False):
            return refused
        assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
        number = answer.at("result", "message_id")
        if answer.at("ok") is not True or not isinstance(number, int):
            return Outcome(Category.UNKNOWN, error="Telegram's answer has no message_id", evidence=shown(answer))
        return Outcome(Category.DELIVERED, external_id=str(number), evidence=shown(answer))

    def check(self, now: datetime) -> Outcome:  # noqa: ARG002 - as every platform is checked
        """Ask whose token it is, and for the chat: https://core.telegram.org/bots/api#getme, #getchat."""
        bot = self._ask("getMe", {})
        if isinstance(bot, Outcome):
            return bot
        chat = self._ask("getChat", {"chat_id": self.fixed["chat_id"]})
        if isinstance(chat, Outcome):
            return chat
        title = chat.at("result", "title") or chat.at("result", "username") or self.fixed["chat_id"]
        evidence = f"the bot is @{bot.at('result', 'username')}, and knows the chat {title}"
        return Outcome(Category.DELIVERED, evidence=evidence)

    def _ask(self, method: str, parameters: Mapping[str, object]) -> Reply | Outcome:
        body = json.dumps(parameters).encode()
        answer = self.http.send(Request("POST", f"{self.address}/{method}", {"Content-Type": "application/json"}, body))
        if isinstance(answer, Reply) and (refused := _refused(answer)):
            return refused
        if refused := failure(answer, idempotent=True):
            return refused
        assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
        return answer


def _refused(reply: Reply) -> Outcome | None:
    """What Telegram says in its own way: https://core.telegram.org/bots/api#responseparameters."""
    said = reply.at("description")
    error = f"Telegram: {said}" if isinstance(said, str) else None
    wait = reply.at("parameters", "retry_after")
    if reply.status == 429 and isinstance(wait, int | float):  # noqa: PLR2004
        return Outcome(Category.RATE_LIMITED, error=error, retry_after_s=float(wait), evidence=shown(reply))
    moved = reply.at("parameters", "migrate_to_chat_id")
    if isinstance(moved, int):
        # Every other message would be refused as well: the account has to be changed, not the post.
        error = f"the group has become a supergroup: set `chat` to {moved}"
        return Outcome(Category.AUTH, error=error, evidence=shown(reply))
    if reply.status in {401, 404}:  # Telegram answers 404 to a text that cannot be a token
        return Outcome(Category.AUTH, error=error or "Telegram does not know the bot's token", evidence=shown(reply))
    if reply.status in {400, 403} and error:
        # 403: the bot was removed from the chat or may not write there. Nothing else would be accepted either.
        of_chat = reply.status == 403 or _OF_CHAT.search(error)  # noqa: PLR2004
        return Outcome(Category.AUTH if of_chat else Category.VALIDATION, error=error, evidence=shown(reply))
    return None
