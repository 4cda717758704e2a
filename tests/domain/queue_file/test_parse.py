"""What right queue files come to."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from emdash_cli.domain.authors import Author
from emdash_cli.domain.queue_file import FeaturedImage, Seo
from tests.domain.queue_file.support import article, parse

BLOCKS = [{"_type": "block", "children": [{"_type": "span", "text": "x"}]}]


def test_every_field_arrives() -> None:
    found = parse(
        json.dumps(
            {
                "id": "art-1",
                "title": "  Über Größe 🦊 ",
                "body_text": "# Hello\n\nText\u2028with a line separator.",
                "slug": "on-size",
                "excerpt": "Two\nlines.",
                "category": "Engineering",
                "tags": ["D1", "edge", "D1"],
                "locale": "pt-br",
                "author": "jane@example.org",
                "publish_at": "2026-07-01T09:00",
                "status": "scheduled",
                "translation_of": "sobre-tamanho",
                "seo": {"title": "s", "description": "d", "image": "/i.png", "canonical": "https://e.org/a?b=1#c",
                        "no_index": False},
                "featured_image": {"src": "https://e.org/ü.png", "alt": "A fox"},
                "platforms": ["LinkedIn", "x", "linkedin", "dev.to"],
                "social": {"X": "short", "linkedin": ["a", "b"], "telegram": {"silent": True}},
                "metadata": {"organization_id": "o", "triggered_by": "cron", "cost_usd": 1, "model_used": None,
                             "free": {"deep": [1, 2.5, None]}},
            },
        ).encode(),
    )  # fmt: skip
    assert found.title == "Über Größe 🦊"
    assert found.markdown == "# Hello\n\nText\u2028with a line separator."
    assert found.blocks is None
    assert (found.id, found.slug, found.excerpt, found.category) == ("art-1", "on-size", "Two\nlines.", "Engineering")
    assert (found.tags, found.locale, found.author) == (("D1", "edge"), "pt-BR", Author(None, email="jane@example.org"))
    assert found.publish_at == datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
    assert found.publish_at.tzinfo is UTC
    assert (found.status, found.translation_of) == ("scheduled", "sobre-tamanho")
    assert found.seo == Seo("s", "d", "/i.png", "https://e.org/a?b=1#c", no_index=False)
    assert found.featured_image == FeaturedImage("https://e.org/ü.png", "A fox")
    assert found.platforms == ("linkedin", "x", "dev.to")
    assert found.social == {"x": "short", "linkedin": ["a", "b"], "telegram": {"silent": True}}
    assert found.metadata == {"organization_id": "o", "triggered_by": "cron", "cost_usd": 1, "model_used": None,
                              "free": {"deep": [1, 2.5, None]}}  # fmt: skip


def test_the_shortest_file_says_nothing_else() -> None:
    found = article()
    rest = (found.id, found.slug, found.excerpt, found.category, found.locale, found.author, found.publish_at)
    assert rest == (None,) * 7
    assert (found.status, found.translation_of, found.seo, found.featured_image, found.blocks) == (None,) * 5
    assert (found.tags, found.platforms, dict(found.social), dict(found.metadata)) == ((), None, {}, {})


@pytest.mark.parametrize("name", ["body_text", "body", "content"])
def test_markdown_has_three_names(name: str) -> None:
    assert parse(json.dumps({"title": "T", name: "*x*"}).encode()).markdown == "*x*"


@pytest.mark.parametrize("name", ["content", "body"])
def test_portable_text_is_an_array(name: str) -> None:
    found = parse(json.dumps({"title": "T", name: BLOCKS}).encode())
    assert (found.blocks, found.markdown) == (BLOCKS, None)


def test_null_says_nothing() -> None:
    keys = ("slug", "publish_at", "status", "tags", "seo", "featured_image", "social", "metadata", "draft", "content")
    assert article(**dict.fromkeys(keys)) == article()


@pytest.mark.parametrize("key", ["slug", "excerpt", "category", "tags", "locale", "author", "featured_image", "image"])
def test_empty_text_of_an_optional_field_says_nothing(key: str) -> None:
    assert article(**{key: " "}) == article()


def test_a_byte_order_mark_is_skipped() -> None:
    assert parse(b'\xef\xbb\xbf{"title": "T", "body": "x"}').title == "T"


def test_escapes_that_make_whole_characters_are_fine() -> None:
    assert parse(rb'{"title": "\ud83e\udd8a \u00fc", "body": "x"}').title == "🦊 ü"


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 1.7e308, -0.0])
def test_numbers_up_to_64_bits_are_kept(number: float) -> None:
    assert article(n=number).metadata == {"n": number}


def test_what_is_just_allowed() -> None:
    deep: object = 0
    for _ in range(99):
        deep = [deep]
    found = article(
        title="t" * 300, tags=[str(n) for n in range(100)], id="i" * 200, deep=deep,
        metadata={"n": "m" * (65_536 - 210 - 8 - 1 - 7 - 1 + 9)},
    )  # fmt: skip
    assert len(json.dumps(dict(found.metadata), separators=(",", ":"))) <= 65_536
    assert len(found.tags) == 100


def test_tags_and_platforms_may_be_text_with_commas() -> None:
    found = article(tags=" a, b c ,,d,", platforms="X,linkedin")
    assert (found.tags, found.platforms) == (("a", "b c", "d"), ("x", "linkedin"))


@pytest.mark.parametrize(
    ("said", "at", "becomes"),
    [
        (None, None, None),
        ("draft", None, "draft"),
        ("published", None, "published"),
        (None, "2026-06-01T12:00:00.001Z", "scheduled"),
        ("scheduled", "2026-06-01T12:00:00.001Z", "scheduled"),
        ("draft", "2027-01-01", "draft"),
        (None, "2026-06-01T12:00:00Z", "published"),
        (None, "2020-01-01", "published"),
        ("published", "2020-01-01", "published"),
        ("scheduled", "2020-01-01", "published"),
        ("draft", "2020-01-01", "draft"),
    ],
)
def test_status_follows_the_time(said: str | None, at: str | None, becomes: str | None) -> None:
    assert article(status=said, publish_at=at).status == becomes


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-06-15", "2026-06-14T22:00:00+00:00"),
        ("2026-06-15 09:00", "2026-06-15T07:00:00+00:00"),
        ("2026-12-15T09:00:00", "2026-12-15T08:00:00+00:00"),
        ("2026-06-15T09:00:00Z", "2026-06-15T09:00:00+00:00"),
        (" 2026-06-15T09:00:00-05:00 ", "2026-06-15T14:00:00+00:00"),
    ],
)
def test_times_are_read_in_the_zone_of_the_settings(text: str, utc: str) -> None:
    found = article(publish_at=text).publish_at
    assert found is not None
    assert found.isoformat() == utc


@pytest.mark.parametrize(
    "url", ["https://e.org", "HTTP://E.org/a", "/a.png", "/", "https://e.org:8443/a%20b?c=d&e[]=f#g", "https://[::1]/a"]
)
def test_safe_urls(url: str) -> None:
    assert article(featured_image=url).featured_image == FeaturedImage(url)
    seo = article(seo={"canonical": url}).seo
    assert seo is not None
    assert seo.canonical == url


@pytest.mark.parametrize(
    ("said", "locale"),
    [
        *((each, each) for each in ("en", "pt-BR", "zh-Hant-TW", "yue", "de-CH-1996", "es-419", "zh-Hans-CN")),
        *((each, "pt-BR") for each in ("pt-br", "pt_BR", "PT_br", "pt_br")),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("zh_CN", "zh-CN"),
        ("en-x-Own", "en-x-own"),
        ("iw", "he"),
    ],
)
@pytest.mark.parametrize("key", ["locale", "lang", "language"])
def test_locales_have_one_spelling(key: str, said: str, locale: str) -> None:
    assert article(**{key: said}).locale == locale


def test_a_queue_file_is_frozen() -> None:
    with pytest.raises(AttributeError):
        article().title = "other"  # type: ignore[misc]  # that it cannot be set is what is shown
