"""Markdown files with YAML or TOML front matter."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from emdash_cli.domain.queue_file import QueueFileError, from_front_matter, parse_markdown
from emdash_cli.domain.queue_file.writing import dump
from tests.domain.queue_file.support import BERLIN, NOW, parse

HUGO = """\
+++
title = "Edge caching"
date = 2026-05-01T10:00:00+02:00
publishDate = 2026-07-01
draft = false
categories = ["Engineering", "D1"]
tags = ["edge"]
weight = 12
updated = 2026-05-02T07:32:00

[params]
ratio = 0.5
+++

# Hello

Text.
"""
JEKYLL = """\
---
layout: post
title: Edge caching
date: 2026-05-01 10:00:00 +0200
published: no
categories: [Engineering, D1]
tags:
  - edge
  - 2026
  - no
excerpt: >-
  Two lines
  of it.
image:
  path: /assets/a.png
  alt: "A: fox"
---
# Hello
"""


def refused(text: str) -> QueueFileError:
    with pytest.raises(QueueFileError) as caught:
        parse_markdown(text, zone=BERLIN, now=NOW)
    assert "\n" not in str(caught.value)
    return caught.value


def test_hugo() -> None:
    assert from_front_matter(HUGO) == {
        "title": "Edge caching",
        "body_text": "# Hello\n\nText.",
        "publish_at": "2026-07-01",
        "category": "Engineering",
        "tags": ["edge", "D1"],
        "metadata": {
            "date": "2026-05-01T10:00:00+02:00",
            "weight": 12,
            "updated": "2026-05-02T07:32:00",
            "params": {"ratio": 0.5},
        },
    }


def test_jekyll() -> None:
    assert from_front_matter(JEKYLL) == {
        "title": "Edge caching",
        "body_text": "# Hello",
        "publish_at": "2026-05-01 10:00:00 +0200",
        "status": "draft",
        "category": "Engineering",
        "tags": ["edge", "2026", "no", "D1"],
        "excerpt": "Two lines of it.",
        "featured_image": {"src": "/assets/a.png", "alt": "A: fox"},
        "metadata": {"layout": "post"},
    }


@pytest.mark.parametrize("text", [HUGO, JEKYLL, JEKYLL.replace("\n", "\r\n"), "\ufeff" + JEKYLL])
def test_both_ways_to_an_article_agree(text: str) -> None:
    found = parse_markdown(text, zone=BERLIN, now=NOW)
    assert found == parse(dump(from_front_matter(text)))
    assert found.title == "Edge caching"
    assert found.markdown is not None
    assert found.markdown.startswith("# Hello")


@pytest.mark.parametrize(
    ("yaml", "title", "metadata"),
    [
        ("title: 2026\nn: 2026", "2026", {"n": 2026}),
        ("title: 007\nn: 007", "007", {"n": 7}),
        ("title: 1e3\nn: 1e3", "1e3", {"n": 1000.0}),
        ("title: 2026-06-15\nn: 2026-06-15", "2026-06-15", {"n": "2026-06-15"}),
        ("title: 12:30:45\nn: 12:30:45", "12:30:45", {"n": "12:30:45"}),
        ("title: No\nn: no", "No", {"n": "no"}),
        ("title: 'true'\nn: true", "true", {"n": True}),
        ("title: T\nn: ~\nm:", "T", {}),
        ("title: T\nn: [~, null, '']", "T", {"n": [None, None, ""]}),
        ("title: T\nn: 'x'\nm: !!str 5", "T", {"n": "x", "m": "5"}),
        ("title: &name T\nn: x", "T", {"n": "x"}),
        ("title: Größe 🦊\n# a comment\nn: {a: {b: [1, -2.5]}}", "Größe 🦊", {"n": {"a": {"b": [1, -2.5]}}}),
    ],
)
def test_plain_yaml_means_what_it_says(yaml: str, title: str, metadata: dict[str, Any]) -> None:
    found = parse_markdown(f"---\n{yaml}\n---\nx", zone=BERLIN, now=NOW)
    assert (found.title, found.metadata) == (title, metadata)


@pytest.mark.parametrize(
    ("yaml", "metadata"),
    [
        ("a: &a {b: [1]}\nc: *a", {"a": {"b": [1]}, "c": {"b": [1]}}),
        ("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}),
        ("base: &base {a: 1, b: 2}\nc:\n  <<: *base\n  b: 3", {"base": {"a": 1, "b": 2}, "c": {"a": 1, "b": 3}}),
        (
            "x: &x {a: 1}\ny: &y {a: 2, b: 2}\nc: {<<: [*x, *y]}",
            {"x": {"a": 1}, "y": {"a": 2, "b": 2}, "c": {"a": 1, "b": 2}},
        ),
        ("a: !!int 5\nb: !!seq [!!map {}]", {"a": 5, "b": [{}]}),
    ],
)
def test_anchors_aliases_and_merge_keys(yaml: str, metadata: dict[str, Any]) -> None:
    found = parse_markdown(f"---\ntitle: T\n{yaml}\n---\nx", zone=BERLIN, now=NOW)
    assert found.metadata == metadata


@pytest.mark.parametrize(
    ("yaml", "metadata"),
    [
        ("a:\tb", {"a": "b"}),
        ("a:\t b\t# c\t", {"a": "b"}),
        ("a:\n-\tb\n-\tc: d", {"a": ["b", {"c": "d"}]}),
        ("a: [1,\n\t2\t]", {"a": [1, 2]}),
        ("a: b\n\t\nc: d", {"a": "b", "c": "d"}),
        ("a: one\ttwo", {"a": "one\ttwo"}),
        ("a:\t|\n  if x:\ty", {"a": "if x:\ty\n"}),
        ("a: 'x\ty'\t", {"a": "x\ty"}),
        ("a:\n\t- b\n\t- c", {"a": ["b", "c"]}),
        ("\ta: b", {"a": "b"}),
    ],
)
def test_tabs_separate_and_indent(yaml: str, metadata: dict[str, Any]) -> None:
    indent = "\t" if yaml.startswith("\t") else ""
    found = parse_markdown(f"---\n{yaml}\n{indent}title:\tT\n---\nx", zone=BERLIN, now=NOW)
    assert (found.title, found.metadata) == ("T", metadata)


@pytest.mark.parametrize(
    ("yaml", "line", "column", "hint"),
    [
        ("title: Foo: bar", 2, 11, 'put the value in quotes: title: "Foo: bar"'),
        ('title: "Foo" bar', 2, 14, "put the value in quotes: title: '\"Foo\" bar'"),
        ("title: 'It's'", 2, 12, 'put the value in quotes: title: "It\'s"'),
        ("title: [Foo] bar", 2, 14, 'put the value in quotes: title: "[Foo] bar"'),
        ("title: @foo", 2, 8, 'put the value in quotes: title: "@foo"'),
        ("title: `foo`", 2, 8, 'put the value in quotes: title: "`foo`"'),
        ("title: %foo", 2, 8, 'put the value in quotes: title: "%foo"'),
        ("title: *foo* bar", 2, 12, 'put the value in quotes: title: "*foo* bar"'),
        ("title: *foo", 2, 8, 'put the value in quotes: title: "*foo"'),
        ("title: {{ x }} y", 2, 16, 'put the value in quotes: title: "{{ x }} y"'),
        ('title: "C:\\Users"', 2, 13, "put the value in quotes: title: 'C:\\Users'"),
        ("title: - x", 2, 8, 'put the value in quotes: title: "- x"'),
        ("title: | x", 2, 10, 'put the value in quotes: title: "| x"'),
        ("title: T\nx: " + "y: " * 40, 3, 5, "put the value in quotes"),
        ("title: 'T\na: b", 2, 8, 'put the value in quotes: title: "\'T"'),
        ("title:T\na: b", 3, 2, "put a space after the colon on line 2"),
        ("title: T\nslug\na: b", 4, 1, 'write "key: value" on line 3'),
        ("title: T\n  a: b", 3, 4, "indent all keys of a mapping alike"),
        ("title: T\na:\n  - b\n - c", 5, 2, "indent all keys of a mapping alike"),
    ],
)
def test_yaml_that_cannot_be_read_is_explained(yaml: str, line: int, column: int, hint: str) -> None:
    (problem,) = refused(f"---\n{yaml}\n---\nx").problems
    assert (problem.line, problem.hint) == (line, hint)
    assert problem.message.endswith(f"(column {column})")


@pytest.mark.parametrize("title", ["{{ x }}", "!x y"])
def test_values_that_are_yaml_but_mean_something_else_are_explained(title: str) -> None:
    (problem,) = refused(f"---\ntitle: {title}\n---\nx").problems
    assert (problem.line, "put the value in quotes" in problem.hint) == (2, True)


def test_a_character_that_yaml_forbids_has_its_line() -> None:
    (problem,) = refused("---\ntitle: T\na: x\x0b\n---\nx").problems
    assert (problem.line, problem.message) == (3, "this is not YAML: the character U+000B is not allowed")


@pytest.mark.parametrize("yaml", ["title: U\ntitle: T", "title: T\na:\n  b: 1\n  b: 2"])
def test_the_last_of_duplicate_keys_is_used_with_a_notice(yaml: str) -> None:
    found = parse_markdown(f"---\n{yaml}\n---\nx", zone=BERLIN, now=NOW)
    (notice,) = found.notices
    assert found.title == "T"
    assert found.metadata == ({"a": {"b": 2}} if "a:" in yaml else {})
    assert "is given twice, first on line" in notice.message
    assert notice.line == 2 + yaml.count("\n")


@pytest.mark.parametrize(
    ("said", "status"),
    [("draft: yes", "draft"), ("draft: Off", None), ("published: no", "draft"), ("draft: true", "draft")],
)
def test_truth_in_old_yaml(said: str, status: str | None) -> None:
    assert parse_markdown(f"---\ntitle: T\n{said}\n---\nx", zone=BERLIN, now=NOW).status == status


def test_front_matter_in_json() -> None:
    wanted = {"title": "T", "tags": ["a"], "publish_at": "2024-01-01", "body_text": "x\n}"}
    for text in ('{\n"title": "T",\n"tags": ["a"],\n"date": "2024-01-01"\n}\nx\n}\n',
                 '\ufeff{ "title": "T", "tags": ["a"], "date": "2024-01-01" } \r\nx\n}'):  # fmt: skip
        assert from_front_matter(text) == wanted


@pytest.mark.parametrize("text", ["{{< figure >}}\nx", '{"a": 1} is an object', "{% raw %}", "{: .lead}\n", "{ a }"])
def test_braces_of_another_kind_are_text(text: str) -> None:
    assert from_front_matter(text) == {"body_text": text.strip("\n")}


def test_a_file_without_front_matter_is_all_text() -> None:
    assert from_front_matter("\n# Only text\n") == {"body_text": "# Only text"}
    assert from_front_matter("--- \ntitle: T\n...\n\nx\n---\ny\n") == {"title": "T", "body_text": "x\n---\ny"}
    assert from_front_matter("---\n---\nx") == {"body_text": "x"}
    assert [problem.field for problem in refused("# Only text").problems] == ["title"]


@pytest.mark.parametrize(
    ("text", "line", "field", "said"),
    [
        ("---\ntitle: T\n\npublsh_at: 1\n---\nx", 4, "publsh_at", "is an unknown key"),
        ("---\ntitle: T\ndate: 2026-02-30\n---\nx", 3, "date", "2026-02-30"),
        ("---\ntitle: T\ntags:\n  - a\n  - {b: c}\n---\nx", 5, "tags[1]", "must be text, not an object"),
        ("---\ntitle: T\nseo:\n  title: x\n  canonical: y\n---\nx", 5, "seo.canonical", "neither"),
        ("---\ntitle: T\n---\n\n", 3, "body_text", "blank"),
        ("---\ntitle: T\nbody: y\n---\nx", 5, "body_text", 'already given, as "body"'),
        ("---\ntitle: T\nbody_text: y\n---\nx", 3, "body_text", "given twice"),
        ("---\na: &a [*a]\n---\nx", 2, None, "more than 100"),
        ("---\na: &a [x]\n<<: *a\n---\nx", 3, None, "merges something that is not a mapping"),
        ("---\ntitle: !!python/object/apply:os.system [x]\n---\nx", 2, None, "has the tag"),
        ("---\ntitle: !!binary aGk=\n---\nx", 2, None, "has the tag"),
        ("---\ntitle: T\n? [a, b]\n: c\n---\nx", 3, None, "key that is not text"),
        ("---\n- title: T\n  date: 2020-01-02\n---\nx", 2, None, "not contain a mapping"),
        ("---\ntitle: T\n  b: c\n---\nx", 3, None, "not YAML"),
        ("---\ntitle: 'T\n---\nx", 2, None, "not YAML"),
        ('---\ntitle: "\\UFFFFFFFF"\n---\nx', 1, None, "not YAML"),
        ('---\ntitle: "a\\0"\n---\nx', 2, "title", "NUL"),
        ('---\ntitle: T\nn: "\\ud800"\n---\nx', 3, "n", "surrogate"),
        ("---\ntitle: T\nn: [" + "9" * 400 + "e9]\n---\nx", 3, "n[0]", "not a finite number"),
        ("---\ntitle: T\nn: " + "[" * 101 + "]" * 101 + "\n---\nx", 3, None, "more than 100"),
        ("---\ntitle: T\n---\nx\0y", 4, "body_text", "NUL"),
        ("---\ntitle: T\nx", 1, None, "no end"),
        ("---\ntitle: " + "T" * 100_000 + "\n---\nx", 1, None, "characters; at most 100,000"),
        ("+++\ntitle = 'T'\ndraft = 1\n+++\nx", 3, "draft", "true or false"),
        ("+++\ntitle = 7\n+++\nx", 2, "title", "must be text, not a number"),
        ("+++\ntitle = 'T'\n\nn = = 1\n+++\nx", 4, None, "not TOML"),
        ("+++\ntitle = 'T'\nn = inf\n+++\nx", 3, "n", "not a finite number"),
        ("+++\ntitle = 'T'\nn = 9223372036854775808\n+++\nx", 3, "n", "more than 64 bits"),
        ('+++\ntitle = "a\\u0000"\n+++\nx', 2, "title", "NUL"),
        ("+++\ntitle = 'T'\nn = " + "[" * 150 + "]" * 150 + "\n+++\nx", 3, "n[0][0][0][0][0][0][0]…", "more than 100"),
        ("+++\ntitle = 'T'\nn = " + "[" * 9000 + "]" * 9000 + "\n+++\nx", 1, None, "not TOML"),
        ('{\n"title": "T",\n"expires": "2020-01-01"\n}\nx', 3, "expires", "has passed"),
        ('{\n"title": "T",\n"title": "U"\n}\nx', 3, "title", "given twice"),
        ('{\n"title": "T",\n}\nx', 3, None, "not JSON"),
        ('{"title": "T",\n"body": "y"}\nx', 3, "body_text", 'already given, as "body"'),
        ('{\n"title": "T"\n\nx', 1, None, "no end"),
        ('{"n": ' + "[" * 9000 + "\n}\nx", 1, "n[0][0][0][0][0][0][0]…", "more than 100"),
    ],
)
def test_what_is_refused(text: str, line: int, field: str | None, said: str) -> None:
    error = refused(text)
    assert [(problem.line, problem.field) for problem in error.problems] == [(line, field)]
    assert said in error.problems[0].message


def test_all_problems_of_the_front_matter_are_said_at_once() -> None:
    error = refused("---\ntitle: ' '\nstatus: live\nslug: A/b\n---\n")
    assert [(problem.line, problem.field) for problem in error.problems] == [
        (2, "title"),
        (3, "status"),
        (4, "slug"),
        (5, "body_text"),
    ]


def test_keys_that_cannot_be_honoured_are_refused_before_anything_is_written() -> None:
    with pytest.raises(QueueFileError, match="line 3, delete_at"):
        from_front_matter("---\ntitle: T\ndelete_at: 2027-01-01\n---\nx")


def test_a_billion_laughs_end_at_once() -> None:
    """Expanded, they would fill any memory."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    bomb = "a: &a [x,x]\n" + "".join(f"{b}: &{b} [*{a},*{a}]\n" for a, b in pairwise(letters))
    assert "more than 50,000 parts after its aliases are expanded" in str(refused(f"---\n{bomb}---\nx"))
    for opening in ("[", "{", "- ", "? "):
        refused(f"---\n{opening * 20_000}\n---\nx")


def test_dump_is_stable_and_readable() -> None:
    data = {"weight": 1, "tags": ["ü"], "title": "T", "id": "i", "body_text": "x"}
    written = dump(data)
    assert written.decode().startswith('{\n  "id": "i",\n  "title": "T",\n  "body_text": "x",\n')
    assert written.endswith(b"\n}\n")
    assert "ü".encode() in written
    assert written == dump(dict(reversed(data.items())))
    assert list(json.loads(written)) == ["id", "title", "body_text", "tags", "weight"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {1, 2}, b"x"])
def test_dump_refuses_what_json_cannot_say(value: Any) -> None:
    with pytest.raises(QueueFileError, match="cannot be written as JSON"):
        dump({"title": value})
