"""Whose words are sent: the file's own, in all their shapes, or those of a template."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.delivery import Account
from emdash_cli.domain.errors import UsageError
from emdash_cli.platforms._texts import TITLE_EXCERPT_LINK, Wording, Words, hashtags, templates
from tests.platforms.support import POST, SITE, connected, server_of

if TYPE_CHECKING:
    from pathlib import Path


def words(social: Any = None, template: object = None, **changed: Any) -> Words:
    """The words for a post on the account ``news``, which is on X."""
    kept = {} if template is None else templates(template)
    post = replace(POST, social=social or {}, **changed)
    return Wording(Account("news", SITE), "x", kept, TITLE_EXCERPT_LINK).words(post)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("One.", ["One."]),
        (["One.", "Two."], ["One.", "Two."]),
        (["One.", "  ", "Two."], ["One.", "Two."]),
        (["One.", 2026], ["One.", "2026"]),
        ({"text": "One."}, ["One."]),
        ({"parts": ["One.", "Two."]}, ["One.", "Two."]),
        ({"en": "One.", "de": "Eins."}, ["One."]),
        ({"EN": ["One.", "Two."]}, ["One.", "Two."]),
        ({"en": {"text": "One."}, "default": "Other."}, ["One."]),
        ({"de": "Eins.", "default": "Other."}, ["Other."]),
        ("See {url}", [f"See {POST.url}"]),
        ("a\r\nb\x00\ufeff", ["a\nb"]),
    ],
)
def test_the_own_texts_of_a_file(own: Any, expected: list[str]) -> None:
    found = words({"x": own})
    assert found.texts == expected
    assert found.by_author


def test_the_name_of_the_account_comes_before_its_kind() -> None:
    assert words({"x": "For all.", "news": "For this one."}).texts == ["For this one."]


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("pt-br", "Novo"), ("pt-BR", "Novo"), ("pt-pt", "Nuevo"), ("zh-hant-tw", "New"), ("en", "New")],
)
def test_own_texts_and_templates_by_language(locale: str, expected: str) -> None:
    texts = {"pt-BR": "Novo", "pt": "Nuevo", "default": "New"}
    assert words({"x": texts}, locale=locale).texts == [expected]
    assert words(template=texts, locale=locale).texts == [expected]


@pytest.mark.parametrize("own", [{"de": "Eins."}, {"visibility": "public"}, ["", None], {"text": {"text": []}}])
def test_own_texts_that_do_not_fit_are_reported_and_the_template_is_used(own: Any) -> None:
    found = words({"x": own})
    assert not found.by_author
    assert found.texts == [f"{POST.title}\n\n{POST.excerpt}\n\n{POST.url}"]
    assert found.warnings == ("social.news has no text for en: the template is used",)


def test_nothing_in_a_post_is_taken_for_a_template() -> None:
    title = "{{ 7 * 7 }} {% for x in tags %} {{ url }} {url} {# comment #}"
    assert words(template="{{ title }}", title=title).texts == [title]


def test_a_template_reaches_nothing_beyond_the_post() -> None:
    with pytest.raises(ValueError, match=r"the template of \[platforms\.news\] fails for this post"):
        words(template="{{ title.__class__.__mro__ }}")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ title + 1 }}", "fails for this post"),
        ("{{ metadata.campaign }}", "campaign"),
        ("{{ excerpt[:0] }}", "no text"),
    ],
)
def test_a_template_that_fails_for_a_post_says_so(template: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        words(template=template)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{{ title", "faulty"),
        ("{% if title %}", "faulty"),
        ("{{ titel }}", "unknown variable titel"),
        ({"en": "{{ titel }}"}, "unknown variable titel"),
        ({"english!": "{{ title }}"}, "not a language tag"),
        ("", "not a string"),
        (7, "not a string"),
    ],
)
def test_a_faulty_template_is_refused_when_the_settings_are_read(value: object, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        templates(value)


def test_empty_values_leave_no_gap() -> None:
    assert words(excerpt=None).texts == [f"{POST.title}\n\n{POST.url}"]


def test_a_mention_that_nobody_meant_is_reported_once() -> None:
    found = words(title="@media and @media queries, mail a@b.example")
    assert found.warnings == ("@media, which is in the post, becomes a mention",) * 2
    assert words({"x": "Thanks @jane"}).warnings == ()


def test_hashtags_have_letters() -> None:
    post = replace(POST, tags=("edge caching", "C++", "2026", "été", "..."))
    assert hashtags(post) == ["#EdgeCaching", "#C", "#Été"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("x", ["@media", "@jane"]), ("bluesky", ["@jane.example.com"]), ("linkedin", [])],
)
def test_only_what_a_platform_makes_a_mention_is_reported(kind: str, expected: list[str], tmp_path: Path) -> None:
    with server_of(kind) as server:
        found = connected(server, tmp_path).render(replace(POST, title="@media by @jane.example.com"))
    said = [warning.partition(",")[0] for warning in found.warnings if "mention" in warning]
    assert said == expected
