"""What is refused, with the line and the field that its author reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emdash_cli.domain.queue_file import MAX_FILE_BYTES
from tests.domain.queue_file.support import parse, refusal

ARTICLE = b'{"title": "T",\n "body_text": "x",\n '


@pytest.mark.parametrize(
    ("raw", "line", "field", "said"),
    [
        pytest.param(b'"a": 1, "b": {"c": 1,\n"c": 2}}', 4, "b.c", "given twice, first on line 3", id="duplicate key"),
        pytest.param(b'"a": 1,\n "title": "U"}', 4, "title", "given twice, first on line 1", id="duplicate title"),
        pytest.param(b'"n": ' + b"9" * 5000 + b"}", 3, "n", "more than 64 bits", id="5,000 digits"),
        pytest.param(b'"n": [1,\n 9223372036854775808]}', 4, "n[1]", "more than 64 bits", id="2^63"),
        pytest.param(b'"n": -9223372036854775809}', 3, "n", "more than 64 bits", id="-2^63-1"),
        pytest.param(b'"n": NaN}', 3, "n", "NaN is not JSON", id="NaN"),
        pytest.param(b'"n": {"m": [-Infinity]}}', 3, "n.m[0]", "-Infinity is not JSON", id="-Infinity"),
        pytest.param(b'"n": 1e999}', 3, "n", "too large", id="1e999"),
        pytest.param(b'"n": -1.5e999}', 3, "n", "too large", id="-1.5e999"),
        pytest.param(rb'"n": "a\ud800b"}', 3, "n", r"half of a surrogate pair (\ud800)", id="high surrogate"),
        pytest.param(rb'"n": "\udc00\ud800"}', 3, "n", r"(\udc00)", id="swapped surrogates"),
        pytest.param(rb'"n": "\u0000"}', 3, "n", "NUL", id="NUL"),
        pytest.param(rb'"a\u0000": 1}', 3, r'"a\x00"', "NUL", id="NUL in a key"),
        pytest.param(rb'"a\ud800": 1}', 3, r'"a\ud800"', "surrogate", id="surrogate in a key"),
        pytest.param(
            b'"n": ' + b"[" * 100 + b"]" * 100 + b"}", 3, "n[0][0][0][0][0][0][0]…", "100 nested arrays", id="101"
        ),
        pytest.param(
            b'"n": ' + b'{"a":' * 100 + b"1" + b"}" * 101, 3, "n.a.a.a.a.a.a.a…", "100 nested arrays", id="objects"
        ),
    ],
)
def test_json_that_naive_readers_take(raw: bytes, line: int, field: str, said: str) -> None:
    error = refusal(ARTICLE + raw)
    assert [(problem.line, problem.field) for problem in error.problems] == [(line, field)]
    assert said in error.problems[0].message
    assert not error.incomplete


@pytest.mark.parametrize(
    ("raw", "line", "said"),
    [
        pytest.param(b"", None, "empty", id="0 bytes"),
        pytest.param(b" \n\t", None, "only white space or NUL", id="blank"),
        pytest.param(b"\0" * 4096, None, "only white space or NUL", id="zero-filled"),
        pytest.param(b'{"title": "T",\n"body": "caf\xe9"}', 2, "byte 28 of the file, 0xe9", id="Latin-1"),
        pytest.param(b'{"title": "\xc0\x80"}', 1, "byte 12 of the file, 0xc0", id="overlong"),
        pytest.param(b'{"title": "\xed\xa0\x80"}', 1, "byte 12 of the file, 0xed", id="CESU-8"),
        pytest.param('{"title": "T"}'.encode("utf-16"), 1, "UTF-16", id="UTF-16 with mark"),
        pytest.param('{"title": "T"}'.encode("utf-16-be"), 1, "UTF-16-BE", id="UTF-16 without mark"),
        pytest.param('{"title": "T"}'.encode("utf-32"), 1, "UTF-32", id="UTF-32"),
        pytest.param(b'{"title": "T",\n "body": "tr', 2, "not JSON", id="truncated"),
        pytest.param(b'{"title": "T",\n\n "body": "x",}', 3, "not JSON", id="trailing comma"),
        pytest.param(b'{"title": "T", // no\n "body": "x"}', 1, "not JSON", id="comment"),
        pytest.param(b'{"title": "T"}\n{"title": "U"}', 2, "not JSON", id="JSON lines"),
        pytest.param(b'{"title": "a\nb"}', 1, "not JSON", id="line break in a text"),
        pytest.param(b'{"title": "a\0b"}', 1, "not JSON", id="raw NUL"),
        pytest.param(b"{'title': 'T'}", 1, "not JSON", id="single quotes"),
        pytest.param(b'{"a": "\\ud8', 1, "not JSON", id="cut inside an escape"),
    ],
)
def test_what_is_not_json_at_all_may_still_be_being_written(raw: bytes, line: int | None, said: str) -> None:
    error = refusal(raw)
    assert [(problem.line, problem.field) for problem in error.problems] == [(line, None)]
    assert said in error.problems[0].message
    assert error.incomplete


@pytest.mark.parametrize("raw", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000])
def test_nesting_a_hundred_thousand_deep(raw: bytes) -> None:
    error = refusal(raw)
    assert "more than 100 nested arrays and objects" in str(error)
    assert not error.incomplete


@pytest.mark.parametrize("raw", [b"null", b"[]", b'[{"title": "T"}]', b'"text"', b"1", b"true"])
def test_only_an_object_is_an_article(raw: bytes) -> None:
    error = refusal(raw)
    assert "instead of an object" in str(error)
    assert (error.problems[0].line, error.incomplete) == (1, False)


def test_a_file_may_have_two_megabytes() -> None:
    start, end = b'{"title": "T", "body": "', b'"}'
    body = b"x" * (MAX_FILE_BYTES - len(start) - len(end))
    markdown = parse(start + body + end).markdown
    assert markdown is not None
    assert len(markdown) == len(body)
    error = refusal(start + body + b"x" + end)
    assert "2,000,001 bytes" in str(error)
    assert not error.incomplete


@pytest.mark.parametrize(
    ("keys", "field", "said"),
    [
        ({"title": ""}, "title", "blank"),
        ({"title": " \t\n"}, "title", "blank"),
        ({"title": "\u200b\u2060\xa0"}, "title", "blank"),
        ({"title": "a\nb"}, "title", "line break"),
        ({"title": "a\u2028b"}, "title", "line break"),
        ({"title": "t" * 301}, "title", "301 characters; at most 300"),
        ({"title": 7}, "title", "must be text, not a number"),
        ({"title": None}, "title", "is missing"),
        ({"title": {"rendered": "T"}}, "title", "must be text, not an object"),
        ({"body_text": " \n "}, "body_text", "blank"),
        ({"body_text": 7}, "body_text", "must be text, not a number"),
        ({"body_text": ["x"]}, "body_text", "must be text, not a list"),
        ({"body_text": None}, None, "no text"),
        ({"body_text": None, "content": []}, "content", "no blocks"),
        ({"body_text": None, "content": [{"_type": "block"}, "x"]}, "content[1]", "not Portable Text"),
        ({"body_text": None, "content": [{"_type": ""}]}, "content[0]", "not Portable Text"),
        ({"body_text": None, "content": {"a": 1}}, "content", "must be text, not an object"),
        ({"content": "y"}, "content", 'already given, as "body_text"'),
        ({"content": "x"}, "content", 'already given, as "body_text"'),
        ({"content": [{"_type": "block"}]}, "content", 'already given, as "body_text"'),
        ({"id": 4.2}, "id", "must be text, not a number"),
        ({"id": True}, "id", "must be text, not true"),
        ({"id": ""}, "id", "blank"),
        ({"id": "i" * 201}, "id", "201 characters"),
        ({"slug": "a/b"}, "slug", "is a path, not the last part of a URL"),
        ({"slug": "-/"}, "slug", "cannot be used in a URL"),
        ({"slug": "a." * 101}, "slug", "has 201 characters; at most 200"),
        ({"slug": "🦊"}, "slug", "cannot be used in a URL"),
        ({"slug": True}, "slug", "must be text, not true"),
        ({"tags": ["a", 7.5]}, "tags[1]", "must be text, not a number"),
        ({"tags": {"a": 1}}, "tags", "must be a list, not an object"),
        ({"tags": [str(n) for n in range(501)]}, "tags", "501 entries; at most 500"),
        ({"category": [["a"]]}, "category", "must be text, not a list"),
        ({"locale": "en__US"}, "locale", "not a language tag"),
        ({"locale": "English"}, "locale", "not a language tag"),
        ({"locale": "e"}, "locale", "not a language tag"),
        ({"locale": "en-"}, "locale", "not a language tag"),
        ({"locale": "en\n"}, "locale", "not a language tag"),
        ({"author": [{"url": "/a"}]}, "author", "names nobody"),
        ({"author": 7}, "author", "must be a name, an object or a list of these"),
        ({"author": "a" * 201}, "author", "has 201 characters; at most 200"),
        ({"author": '"jane"@example.org'}, "author", "contains an e-mail address"),
        ({"status": "live"}, "status", 'is "live", which is not a status'),
        ({"status": "Published"}, "status", 'is "Published", which is not a status'),
        ({"status": "private"}, "status", "not a status"),
        ({"status": ""}, "status", "not a status"),
        ({"status": True}, "status", "is true, which is not a status"),
        ({"status": "scheduled"}, "status", "no time is given"),
        ({"status": "published", "publish_at": "2027-01-01"}, "status", "in the future"),
        ({"publish_at": "2026-02-30"}, "publish_at", "2026-02-30"),
        ({"publish_at": "2026-03-29T02:30"}, "publish_at", "2026-03-29"),
        ({"publish_at": "2026-10-25T02:30"}, "publish_at", "2026-10-25"),
        ({"publish_at": "soon"}, "publish_at", "soon"),
        ({"publish_at": ""}, "publish_at", ""),
        ({"publish_at": "2" * 5000}, "publish_at", "too long"),
        ({"publish_at": 1780000000}, "publish_at", "must be a time, written as text"),
        ({"seo": "x"}, "seo", "must be an object, not text"),
        ({"seo": {"titel": "x"}}, "seo.titel", "is an unknown key"),
        ({"seo": {"no_index": "yes"}}, "seo.no_index", "must be true or false, not text"),
        ({"seo": {"no_index": 1}}, "seo.no_index", "must be true or false, not a number"),
        ({"seo": {"canonical": "javascript:alert(1)"}}, "seo.canonical", "neither an http(s) URL"),
        ({"featured_image": {"alt": "a"}}, "featured_image.src", "is missing"),
        ({"featured_image": {"scr": "/a"}}, "featured_image.scr", "is an unknown key"),
        ({"featured_image": {"src": "a.png"}}, "featured_image.src", "neither an http(s) URL"),
        ({"featured_image": ["/a"]}, "featured_image", "must be an object, not a list"),
        ({"platforms": ["x", "a b"]}, "platforms[1]", "not the name of a platform"),
        ({"social": "x"}, "social", "must be an object, not text"),
        ({"social": {"x": 1}}, "social.x", "must be a string"),
        ({"social": {"x": "a", "X": "b"}}, "social.X", "occurs twice"),
        ({"social": {"a b": "c"}}, 'social["a b"]', "not the name of a platform"),
        ({"metadata": ["x"]}, "metadata", "must be an object, not a list"),
        ({"metadata": {"cost_usd": "1"}}, "metadata.cost_usd", "must be a number"),
        ({"metadata": {"cost_usd": True}}, "metadata.cost_usd", "must be a number"),
        ({"metadata": {"cost_usd": -1}}, "metadata.cost_usd", "must be a number"),
        ({"cost_usd": "1"}, "cost_usd", "must be a number"),
        ({"metadata": {"organization_id": 7}}, "metadata.organization_id", "must be text"),
        ({"metadata": {"n": "m" * 65_530}}, "metadata", "65,538 bytes"),
        ({"huge": "m" * 65_530}, "metadata", "65,541 bytes"),
        ({"metadata": {"n": 1}, "n": 2}, "n", 'is also in "metadata" with a different value'),
        ({"metadata": {"social": "X"}, "Social": {"x": "Y"}}, "Social", 'is also in "metadata" with a different value'),
        ({f"k{n}": n for n in range(200)}, None, "202 keys; the maximum is 200"),
    ],
)
def test_values_that_are_wrong(keys: dict[str, Any], field: str | None, said: str) -> None:
    error = refusal(keys)
    found = {problem.field: problem.message for problem in error.problems}
    assert said in found[field]
    assert len(found) == 1
    assert not error.incomplete


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x", "file:///etc/passwd", "//evil.example/x", "/\\evil.example", "\\\\evil",
        "https:evil", "https://",
        "https:///x", "ftp://e.org", "x", "./x", "http://[::1", "https://e.org:port/", "https://e.org/a b",
        "mailto:a@b.c",
        "https://e.org/\u0085", "/" + "a" * 2000,
    ],
)  # fmt: skip
def test_unsafe_urls(url: str) -> None:
    assert [problem.field for problem in refusal({"featured_image": url}).problems] == ["featured_image"]
    assert [problem.field for problem in refusal({"seo": {"canonical": url}}).problems] == ["seo.canonical"]


def test_everything_wrong_is_said_at_once_and_in_order() -> None:
    raw = json.dumps(
        {"publsh_at": "2026", "status": "live", "title": " ", "tags": ["a", 1.5], "delete_at": "2027", "slug": "A/b",
         "seo": {"image": "x"}},
        indent=1,
    ).encode()  # fmt: skip
    error = refusal(raw)
    assert [(problem.line, problem.field) for problem in error.problems] == [
        (1, None), (2, "publsh_at"), (3, "status"), (4, "title"), (7, "tags[1]"), (9, "delete_at"), (10, "slug"),
        (12, "seo.image"),
    ]  # fmt: skip
    assert str(error).endswith("(and 7 more)")


def test_lexical_problems_are_said_at_once_too() -> None:
    error = refusal(rb'{"a": NaN, "b": "\u0000", "a": 1e999}')
    assert [problem.field for problem in error.problems] == ["a", "b", "a", "a"]


def test_no_more_than_fifty_problems_are_kept() -> None:
    error = refusal(b"[" + b",".join([b"NaN"] * 1000) + b"]")
    assert len(error.problems) == 50
    assert str(error).endswith("(and 999 more)")


def test_what_a_message_quotes_cannot_disturb_a_terminal() -> None:
    wild = "\x1b[31m\n\u202e" + "c" * 500
    documents = (
        {"status": wild},
        {"publish_at": wild[:9]},
        {"seo": {"title\x1b": 1}},
        {"body_text": None, wild: 1},
        {"social": {wild: 1}},
    )
    for keys in documents:
        for problem in refusal(keys).problems:
            assert all(text.isprintable() and len(text) < 200 for text in problem if isinstance(text, str))
    assert refusal(b'{"\\u001b": NaN}').problems[0].field == r'"\x1b"'
