"""What a post is announced with: its file's own words for the platform, else a template, made to fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emdash_cli.domain import setting_values as values
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.fitting import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emdash_cli.domain.delivery import Account, PublicPost

TITLE_EXCERPT_LINK: Final = "{{ title }}\n\n{{ excerpt }}\n\n{{ url }}"
TITLE_EXCERPT: Final = "{{ title }}\n\n{{ excerpt }}"
_EMPTY_LINES: Final = re.compile(r"\n{3,}")


def templates(value: object) -> Mapping[str, str]:
    """A template for every language, or a table of them by language tag; ``default`` is for all others."""
    if isinstance(value, dict) and value:
        return {key if key == "default" else values.locale(key): values.text(text) for key, text in value.items()}
    return {"default": values.text(value)}


class Words(NamedTuple):
    """The words for one post.

    Attributes:
        texts: what the author wants in posts of their own; one, unless the file has a list.
        by_author: whether they come from the file and not from a template.
    """

    texts: list[str]
    by_author: bool


class Wording(NamedTuple):
    """Where a platform's words come from.

    Attributes:
        account: whose name in the settings a file may use under ``social``.
        kind: of platform; a file may use that as well.
        templates: by language tag, and ``default``.
        template: for languages that have none of their own.
    """

    account: Account
    kind: str
    templates: Mapping[str, str]
    template: str

    def words(self, post: PublicPost) -> Words:
        """The file's own texts, or what the template makes.

        Raises:
            ValueError: the template is faulty, or there is no text.
        """
        own = next((post.social[name] for name in (self.account.name, self.kind) if post.social.get(name)), None)
        # The author cannot know the number in a slug that is still to be given, and so no address.
        texts = [text.replace("{url}", post.url) for text in _own_texts(own, post.locale)]
        found = Words(texts, by_author=True) if texts else Words([self._templated(post)], by_author=False)
        if not any(text.strip() for text in found.texts):
            raise ValueError("there is no text to send: the template and the post's title are empty")
        return found

    def single(self, post: PublicPost, limit: int, length: Callable[[str], int]) -> tuple[str, tuple[str, ...]]:
        """One text that fits, and what a person should know about it."""
        words = self.words(post)
        text = "\n\n".join(text.strip() for text in words.texts)
        fitted = shortened(text, limit, length)
        cut = words.by_author and length(text.strip()) > limit
        warning = f"the file's own text has {length(text.strip())} of {limit} characters: it is shortened"
        return fitted, (warning,) if cut else ()

    def _templated(self, post: PublicPost) -> str:
        from jinja2 import StrictUndefined, TemplateError
        from jinja2.sandbox import SandboxedEnvironment

        language = post.locale.partition("-")[0]
        found = (self.templates[name] for name in (post.locale, language, "default") if name in self.templates)
        environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
        try:
            text = environment.from_string(next(found, self.template)).render(_values(post))
        except TemplateError as error:
            raise ValueError(f"the template of [platforms.{self.account.name}] is faulty: {error}") from None
        return _EMPTY_LINES.sub("\n\n", text).strip()


def hashtags(post: PublicPost) -> list[str]:
    """The post's tags as hashtags: ``#EdgeCaching`` of ``edge caching``; a tag without letters is left out."""
    joined = ("".join(word[:1].upper() + word[1:] for word in re.findall(r"\w+", tag)) for tag in post.tags)
    return [f"#{tag}" for tag in joined if tag and not tag.isdigit()]


def _own_texts(own: Any, locale: str) -> list[str]:
    """The texts that the file has under the platform's name: a text, a list, or an object by language or of a text."""
    if isinstance(own, dict):
        own = own.get(locale) or own.get(locale.partition("-")[0]) or own.get("text") or own.get("parts")
    listed = own if isinstance(own, list) else [own]
    return [text for text in listed if isinstance(text, str) and text.strip()]


def _values(post: PublicPost) -> dict[str, Any]:
    """What a template may use."""
    return {
        "title": post.title,
        "excerpt": post.excerpt or "",
        "url": post.url,
        "locale": post.locale,
        "author": post.author or "",
        "category": post.category or "",
        "tags": list(post.tags),
        "hashtags": " ".join(hashtags(post)),
        "metadata": dict(post.metadata),
    }


def identifier(value: object, pattern: str, wanted: str) -> str:
    """A name that a platform gives out, of a certain form.

    Raises:
        UsageError: it has another.
    """
    said = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not re.fullmatch(pattern, said):
        raise UsageError(f"{value!r} is not {wanted}")
    return said
