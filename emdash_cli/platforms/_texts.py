"""What a post is announced with: its file's own words for the platform, else a template, made to fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emdash_cli.domain.delivery import Rendered
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.fitting import shortened
from emdash_cli.platforms import _values as values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from emdash_cli.domain.delivery import Account, PublicPost

TITLE_EXCERPT_LINK: Final = "{{ title }}\n\n{{ excerpt }}\n\n{{ url }}"
TITLE_EXCERPT: Final = "{{ title }}\n\n{{ excerpt }}"
VARIABLES: Final = ("title", "excerpt", "url", "locale", "author", "category", "tags", "hashtags", "metadata")
"""What a template may use."""
_EMPTY_LINES: Final = re.compile(r"\n{3,}")
_MENTION: Final = re.compile(r"(?<![\w/@.])@[A-Za-z0-9_]+")
# Control characters, halves of surrogate pairs and code points that are no characters: platforms refuse them.
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


def templates(value: object) -> Mapping[str, str]:
    """A template for every language, or a table of them by language tag; ``default`` is for all others.

    Raises:
        UsageError: one of them is faulty, or uses a variable that does not exist.
    """
    if isinstance(value, dict) and value:
        return {_language(key): _template(text) for key, text in value.items()}
    return {"default": _template(value)}


def _language(key: str) -> str:
    return key if key == "default" else values.language_tag(key).lower()


def _template(value: object) -> str:
    from jinja2 import TemplateError, meta
    from jinja2.sandbox import SandboxedEnvironment

    source = values.text(value)
    try:
        unknown = meta.find_undeclared_variables(SandboxedEnvironment().parse(source)) - set(VARIABLES)
    except TemplateError as error:
        raise UsageError(f"the template is faulty: {error}") from None
    if unknown:
        raise UsageError(
            f"the template uses an unknown variable {min(unknown)}", hint=f"there are {', '.join(VARIABLES)}"
        )
    return source


class Words(NamedTuple):
    """The words for one post.

    Attributes:
        texts: what the author wants in posts of their own; one, unless the file has a list.
        by_author: whether they come from the file and not from a template.
        warnings: what a person should know about the choice.
    """

    texts: list[str]
    by_author: bool
    warnings: tuple[str, ...] = ()


def counted(parts: Sequence[str], warnings: Sequence[str], limit: int, length: Callable[[str], int]) -> Rendered:
    """The parts of a thread, with what the platform counts."""
    return Rendered(tuple(parts), tuple(warnings), tuple(map(length, parts)), limit)


class Wording(NamedTuple):
    """Where a platform's words come from.

    Attributes:
        account: whose name in the settings a file may use under ``social``.
        kind: of platform; a file may use that as well.
        templates: by language tag, and ``default``.
        template: for languages that have none of their own.
        mention: what the platform makes a mention of somebody; None if nothing in a template's text becomes one.
    """

    account: Account
    kind: str
    templates: Mapping[str, str]
    template: str
    mention: re.Pattern[str] | None = _MENTION

    def words(self, post: PublicPost) -> Words:
        """The file's own texts, or what the template makes.

        Raises:
            ValueError: the template is faulty, or there is no text.
        """
        own = next((post.social[name] for name in (self.account.name, self.kind) if post.social.get(name)), None)
        # The author cannot know the number in a slug that is still to be given, and so no address.
        texts = [_clean(text.replace("{url}", post.url)) for text in _own_texts(own, post.locale)]
        if texts:
            return Words(texts, by_author=True)
        templated = self._templated(post)
        if not templated:
            raise ValueError("there is no text to send: the template makes an empty one of this post")
        unused = f"social.{self.account.name} has no text for {post.locale}: the template is used"
        warnings = [unused] if own else []
        mentions = self.mention.finditer(templated) if self.mention else ()
        warnings += [f"{found[0]}, which is in the post, becomes a mention" for found in mentions]
        return Words([templated], by_author=False, warnings=tuple(warnings))

    def single(self, post: PublicPost, limit: int, length: Callable[[str], int]) -> tuple[str, tuple[str, ...]]:
        """One text that fits, and what a person should know about it."""
        words = self.words(post)
        text = "\n\n".join(text.strip() for text in words.texts)
        fitted = shortened(text, limit, length)
        cut = words.by_author and length(text.strip()) > limit
        warning = f"the file's own text has {length(text.strip())} of {limit} characters: it is shortened"
        return fitted, (*words.warnings, warning) if cut else words.warnings

    def _templated(self, post: PublicPost) -> str:
        from jinja2 import StrictUndefined
        from jinja2.sandbox import SandboxedEnvironment

        locale = post.locale.lower()
        found = (self.templates[name] for name in (*_languages(locale), "default") if name in self.templates)
        environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
        try:
            text = environment.from_string(next(found, self.template)).render(_values(post))
        except Exception as error:  # noqa: BLE001 - whatever the expressions of a template may raise
            raise ValueError(f"the template of [platforms.{self.account.name}] fails for this post: {error}") from None
        return _EMPTY_LINES.sub("\n\n", _clean(text)).strip()


def _languages(locale: str) -> tuple[str, ...]:
    """The tag, then shorter ones: ``zh-hant-tw``, ``zh-hant``, ``zh``."""
    parts = locale.split("-")
    return tuple("-".join(parts[:end]) for end in range(len(parts), 0, -1))


def _clean(text: str) -> str:
    return _UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def hashtags(post: PublicPost) -> list[str]:
    """The post's tags as hashtags: ``#EdgeCaching`` of ``edge caching``; a tag without letters is left out."""
    joined = ("".join(word[:1].upper() + word[1:] for word in re.findall(r"\w+", tag)) for tag in post.tags)
    return [f"#{tag}" for tag in joined if tag and not tag.isdigit()]


def _own_texts(own: Any, locale: str) -> list[str]:
    """The texts that the file has under the platform's name: a text, a list, or an object by language or of a text."""
    if isinstance(own, dict):
        by_name = {str(key).lower().replace("_", "-"): value for key, value in own.items()}
        names = (*_languages(locale.lower()), "default", "text", "parts")
        return next((texts for name in names if (texts := _own_texts(by_name.get(name), locale))), [])
    listed = own if isinstance(own, list) else [own]
    plain = (str(text) for text in listed if isinstance(text, str | int | float) and not isinstance(text, bool))
    return [text for text in plain if text.strip()]


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
