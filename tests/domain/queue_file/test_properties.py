"""Whatever comes in, a queue file or a `QueueFileError` comes out."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from emdash_cli.domain.queue_file import QueueFile, QueueFileError, from_front_matter, parse_markdown
from emdash_cli.domain.queue_file.key_names import BODY_NAMES, FIELDS, RULES
from emdash_cli.domain.queue_file.writing import dump
from tests.domain.queue_file.support import BERLIN, NOW, parse

NAMES = sorted({*FIELDS, *BODY_NAMES, *(name for rule in RULES for name in rule.names), "publsh_at", "x"})
TEXTS = ["", " ", "a", "a, b", "2026-06-15", "2027-01-01", "2026-02-30", "draft", "published", "scheduled", "/a.png",
         "https://e.org", "javascript:x", "en", "\0", "\u200b", "a\nb", "noindex", "never", "public"]  # fmt: skip
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(TEXTS) | st.text(max_size=20)
keys = st.sampled_from([*NAMES, "src", "alt", "url", "name", "slug", "_type"]) | st.text(max_size=8)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
documents = st.dictionaries(keys, values, max_size=8)
articles = documents.map(lambda document: {"title": "T", **document, "body_text": "x"})
good_texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=30).map(
    lambda text: f"a{text}".strip()
)


def outcome(raw: bytes) -> QueueFile | QueueFileError:
    try:
        found = parse(raw)
    except QueueFileError as error:
        check(error)
        return error
    check_article(found)
    return found


def said_by(article: QueueFile) -> QueueFile:
    """What the article says, without notices, which name the lines of the file that it is in."""
    return replace(article, notices=())


def check(error: QueueFileError) -> None:
    assert error.problems
    assert str(error).isprintable()
    for problem in error.problems:
        assert problem.line is None or problem.line >= 1
        assert problem.message.isprintable()
        assert problem.field is None or problem.field.isprintable()


def check_article(found: QueueFile) -> None:
    assert (found.markdown is None) != (found.blocks is None)
    assert found.title.strip() == found.title != ""
    assert found.status != "scheduled" or (found.publish_at is not None and found.publish_at > NOW)
    assert found.status != "published" or found.publish_at is None or found.publish_at <= NOW
    stored = json.dumps([found.blocks, dict(found.metadata), dict(found.social)], allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in stored
    assert stored.encode()


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    outcome(raw)
    outcome(b'{"title": "T", "body": "x", "k": ' + raw + b"}")
    outcome(b'{"title": "T", "body": "' + raw + b'"}')


@given(st.text(alphabet='{}[]:,"\\u0d8 \n1-+.eNI', max_size=80))
def test_any_text_that_looks_like_json(text: str) -> None:
    outcome(text.encode())


@given(values)
def test_any_json(value: Any) -> None:
    outcome(json.dumps(value).encode())


@given(articles)
def test_any_article(document: dict[str, Any]) -> None:
    outcome(json.dumps(document, indent=1).encode())


@given(articles)
@example({"title": "T", "abstract": [], "custom_excerpt": "a", "body_text": "x"})
def test_the_order_of_the_keys_does_not_matter(document: dict[str, Any]) -> None:
    there, back = (
        outcome(json.dumps(dict(order)).encode()) for order in (document.items(), reversed(document.items()))
    )
    assert type(there) is type(back)
    if isinstance(there, QueueFile):
        assert there == back


@given(articles)
@example({"title": "T", "url_slug": "a, b", "body_text": "x"})
def test_what_is_written_is_read_back(document: dict[str, Any]) -> None:
    try:
        written = dump(document)
    except QueueFileError as error:
        check(error)
        return
    plain = outcome(json.dumps(document).encode())
    again = outcome(written)
    assert type(again) is type(plain)
    if isinstance(plain, QueueFile):
        assert isinstance(again, QueueFile)
        assert said_by(again) == said_by(plain)
        assert [notice._replace(line=None) for notice in again.notices] == [
            notice._replace(line=None) for notice in plain.notices
        ]


@given(st.text(max_size=150))
def test_any_markdown(text: str) -> None:
    for whole in (text, f"---\n{text}\n---\nx", f"+++\n{text}\n+++\nx", f"---\ntitle: T\n{text}\n---\nx"):
        with suppress(QueueFileError):
            parse_markdown(whole, zone=BERLIN, now=NOW)


@example("a: 0\na: 0")
@example("!: \t0")
@given(st.text(alphabet="abt:[]{}-?!&*#|>'\"\\ \n\t%@,0x", max_size=60))
def test_any_text_that_looks_like_yaml(text: str) -> None:
    whole = f"---\ntitle: T\n{text}\n---\nx"
    try:
        found = parse_markdown(whole, zone=BERLIN, now=NOW)
    except QueueFileError as error:
        check(error)
        return
    assert said_by(found) == said_by(parse(dump(from_front_matter(whole))))


@given(
    title=good_texts,
    body=good_texts,
    tags=st.lists(good_texts, max_size=5),
    note=st.recursive(st.integers(-(2**63), 2**63 - 1) | good_texts | st.booleans(), st.lists, max_leaves=5),
)
def test_right_articles_are_taken_whole(title: str, body: str, tags: list[str], note: Any) -> None:
    found = outcome(dump({"title": title, "content": body, "tags": tags, "note": note}))
    assert isinstance(found, QueueFile), found
    assert (found.title, found.markdown) == (title, body)
    assert found.tags == tuple(dict.fromkeys(tags))
    assert found.metadata == {"note": note}
