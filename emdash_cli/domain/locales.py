"""Locales: language tags in one spelling, which is the site's if the site has one.

EmDash and Astro compare locales as text, so a site that uses ``pt-br`` does not see a post in ``pt-BR``. A tag is
therefore recognised in any spelling, and written as the store or the settings spell it, or else in the canonical form
of BCP 47 (https://www.rfc-editor.org/rfc/rfc5646#section-2.1.1 for case, section 4.5 for the rest).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,6}")
_LIKELY: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z]{4})?(?:[-_](?:[A-Za-z]{2}|[0-9]{3}))?")
_PREFERRED: Final = {"iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro"}
"""Deprecated languages with a new code (https://www.iana.org/assignments/language-subtag-registry)."""
_SCRIPT, _REGION = 4, 2
_LANGUAGES: Final = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en
    eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv
    ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne
    ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st
    su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu fil
"""
"""The codes of ISO 639-1 (https://www.loc.gov/standards/iso639-2/php/code_list.php), and that of Filipino."""


@lru_cache(maxsize=1024)
def canonical(tag: str) -> str | None:
    """The tag in BCP 47 case, with ``_`` read as ``-``: ``pt-BR``, ``zh-Hans-CN``; None if it is not a tag."""
    if not _TAG.fullmatch(tag):
        return None
    language, *rest = tag.lower().replace("_", "-").split("-")
    parts = [_PREFERRED.get(language, language)]
    for place, part in enumerate(rest):
        is_extended = any(len(each) == 1 for each in rest[:place])
        if is_extended or not part.isalpha():
            parts.append(part)
        else:
            parts.append({_SCRIPT: part.title(), _REGION: part.upper()}.get(len(part), part))
    return "-".join(parts)


def is_same(one: str, other: str) -> bool:
    """Whether two tags differ only in spelling."""
    return one == other or (canonical(one) or one) == (canonical(other) or other)


def spellings(tag: str) -> tuple[str, ...]:
    """The spellings of a tag that sites are likely to use."""
    form = canonical(tag) or tag
    return tuple(dict.fromkeys((form, form.lower(), form.replace("-", "_"), form.lower().replace("-", "_"))))


def looks_like_language(name: str) -> bool:
    """Whether a folder name is likely to be a language code, with or without script and region."""
    found = _LIKELY.fullmatch(name)
    return found is not None and found[1].lower() in _LANGUAGES.split()


class Locales(NamedTuple):
    """The locales that a site is known to have, in its spelling.

    Attributes:
        by_tag: from a tag's canonical form to its spelling.
        folders: paths of folders whose files are named only by their language, as in ``my-post/de.md``.
    """

    by_tag: dict[str, str] = {}  # noqa: RUF012 - never changed: `of` and `and_in_store` make new ones
    folders: frozenset[str] = frozenset()

    @classmethod
    def of(cls, spellings: Iterable[str]) -> Locales:
        """The locales of the settings; of two spellings, the first one counts."""
        found: dict[str, str] = {}
        for each in spellings:
            found.setdefault(canonical(each) or each, each)
        return cls(found)

    def and_in_store(self, spellings: Iterable[str]) -> Locales:
        """These and the store's locales, whose spelling counts, because existing posts use it.

        Raises:
            UsageError: one of these is not a language tag, and the store does not have it either.
        """
        stored = sorted(spellings)
        for each in self.by_tag.values():
            if canonical(each) is None and each not in stored:
                raise UsageError(
                    f"the locale {each!r} in the settings is not a language tag (BCP 47), and no post has it",
                    hint='write, for example, "en" or "pt-BR"',
                )
        own = [each for each in self.by_tag.values() if each in stored]
        return self._replace(by_tag=self.by_tag | Locales.of([*own, *stored]).by_tag)

    def named(self, name: str) -> str | None:
        """The known locale that a name means, in any spelling of the tag; None if there is none."""
        tag = canonical(name)
        # `in` is a deprecated code of Indonesian, but also an ordinary word.
        if tag is None or not tag.lower().startswith(re.split("[-_]", name.lower())[0]):
            return None
        return self.by_tag.get(tag)

    def spellings(self) -> tuple[str, ...]:
        """All of them, as `of` takes them."""
        return tuple(self.by_tag.values())

    def spelt(self, tag: str) -> str:
        """The tag as the site spells it, or as BCP 47 does if the site is not known to have it."""
        form = canonical(tag) or tag
        return self.by_tag.get(form, form)
