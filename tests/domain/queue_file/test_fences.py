"""Where front matter may stand, and what looks like it and is text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emdash_cli.domain.queue_file import QueueFileError, parse_markdown
from emdash_cli.domain.queue_file.front_matter import take_apart
from tests.domain.queue_file.support import BERLIN, NOW

if TYPE_CHECKING:
    from collections.abc import Callable

YAML = "---\ntitle: Held\ndate: 2020-01-02\ndraft: true\n---\nNot yet.\n"
TOML = '+++\ntitle = "Held"\ndate = 2020-01-02\ndraft = true\n+++\nNot yet.\n'
JSON = '{"title": "Held", "date": "2020-01-02",\n "draft": true, "params": {"a": {"b": "}"}}}\nNot yet.\n'
LEADS = (
    "\ufeff", "\ufeff\ufeff", "\n", "\r\n \r\n", " \t\n\n", "\u200b", "\xa0\n",
    "<!-- lint off -->\n", "<!-- a\n\nb --> \n\n<!-- --- -->\n", "<!-- x -->", "\n<!-- x -->\n\n",
    '<?xml version="1.0"?>\n', "<!DOCTYPE html>\n",
    "{/* prettier */}\n", "{# a #}\n", "{% comment %}\na\n{% endcomment %}\n",
    "[//]: # (a comment)\n\n",
)  # fmt: skip


def held(text: str) -> None:
    """The text is that of the draft above."""
    found = parse_markdown(text, zone=BERLIN, now=NOW)
    assert (found.title, found.status, found.markdown) == ("Held", "draft", "Not yet.")


def refusal(text: str) -> tuple[int | None, str]:
    with pytest.raises(QueueFileError) as caught:
        parse_markdown(text, zone=BERLIN, now=NOW)
    problem = caught.value.problems[0]
    assert problem.hint
    return problem.line, problem.message


@pytest.mark.parametrize("front", [YAML, TOML, JSON])
@pytest.mark.parametrize("lead", LEADS)
def test_what_may_stand_before_front_matter(lead: str, front: str) -> None:
    held(lead + front)
    held((lead + front).replace("\r\n", "\n").replace("\n", "\r\n"))


@pytest.mark.parametrize("indent", [" ", "  ", "   "])
def test_front_matter_may_be_indented(indent: str) -> None:
    held("\n" + "".join(f"{indent}{line}\n" for line in YAML.splitlines()[:-1]) + "Not yet.\n")
    held(f"{indent}{YAML}")
    held(f"{indent}{TOML}")


@pytest.mark.parametrize(
    "text",
    [
        YAML.replace("---", "--- "),
        YAML.replace("---", "---\t"),
        YAML.replace("---", "---\xa0"),
        YAML.replace("---", "----"),
        YAML.replace("---\nNot", "-----\nNot"),
        YAML.replace("---\n", "------\n", 1),
        YAML.replace("---\nNot", "...\nNot"),
        YAML.replace("---\n", "---yaml\n", 1),
        YAML.replace("---\n", "--- # of this page\n", 1),
        YAML.replace("---\n", "---\n\n# A comment\n\n", 1),
        YAML.replace("---\n", "", 1),
        "\n" + YAML.replace("---\n", "", 1),
        YAML.replace("---\n", "", 1).replace("---", "-----"),
        YAML.replace("\n", "\r"),
        TOML.replace("+++", "---").replace("---\n", "---toml\n", 1),
        TOML.replace("+++", "+++ "),
        "---json\n{" + '"title": "Held", "draft": true}\n---\nNot yet.\n',
        '---\n{"title": "Held",\n"draft": true}\n---\nNot yet.\n',
        ';;;\n"title": "Held",\n"draft": true\n;;;\nNot yet.\n',
        ';;;\n{"title": "Held", "draft": true}\n;;;\nNot yet.\n',
        '"title": "Held",\n"draft": true\n;;;\nNot yet.\n',
        "---\ndraft: true\ntitle: Held\nformula: |\n  a\n  ---\n  b\n---\nNot yet.",
    ],
)
def test_other_ways_to_write_fences(text: str) -> None:
    held(text)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("\n\n" + YAML.replace("draft: true", "draft: maybe"), 6, "true or false"),
        ("<!--\nx\n-->\n" + TOML.replace("draft = true", "draft = 7"), 7, "true or false"),
        ("\n  \n" + JSON.replace("true", "7"), 4, "true or false"),
        ("\n\n" + YAML.replace("---\nNot", "Not"), 3, "has no end"),
        ("<!-- x -->\n" + YAML.replace("---\nNot", "--\nNot"), 2, "has no end"),
        (TOML.replace("+++\nNot", "Not"), 1, "has no end"),
        ("\n" + JSON.replace("}}}", "}}"), 2, "has no end"),
        ("--\ntitle: Held\ndraft: true\n--\nNot yet.", 1, "starts with --, which is not a fence"),
        ("\n—\ntitle: Held\n—\nNot yet.", 2, "starts with —, which is not a fence"),
        ("***\ntitle: Held\n***\nNot yet.", 1, "starts with ***, which is not a fence"),
        ("---\ntitle:Held\n---\nNot yet.", 2, "not contain a mapping"),
        ("---\nlayout post\ntitle: Held\n---\nNot yet.", 3, "not YAML"),
        ("---js\n{title: 'Held'}\n---\nNot yet.", 1, "in js, which is not supported"),
        ("    ---\n    title: Held\n    ---\nNot yet.", 1, "indented like a code block"),
        ("\t---\n\ttitle: Held\n\t---\nNot yet.", 1, "indented like a code block"),
        ("```yaml\n---\ntitle: Held\n---\n```\nNot yet.", 2, "is in a code block"),
        ("```\n---\ntitle: Held\n---\nNot yet.\n```", 2, "is in a code block"),
        ("Title: Held\nDate: 2020-01-02\n\nNot yet.", 1, "no fences separate"),
        ("\n\nTitle: Held\r\nDate: 2020-01-02\r\n\r\nNot yet.", 3, "no fences separate"),
        (f"---\ntitle: First\n---\n\n{YAML}", 5, "starts with front matter of its own"),
        (f"---\ntitle: First\n---\n{TOML}", 4, "starts with front matter of its own"),
        (f"---\ntitle: First\n---\n{JSON}", 4, "starts with front matter of its own"),
    ],
)
def test_front_matter_that_is_not_read_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    found, message = refusal(text)
    assert (found, said in message) == (line, True), message


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nA text between two rules.\n\n---\n\nMore.",
        "---\nA heading\n---\n\nMore.",
        "\n\n---\n\nA text below a rule.",
        "---\n\nNote: this is a text below a rule.",
        "---\n- a\n- b\n---\nMore.",
        "----\n\nText\n\n----",
        "<!-- a -->\n\nA text that begins with a comment.\n\n---\n\ntitle: of nothing",
        "<!-- a comment without an end\n---\ntitle: x\n---",
        "Note: a heading\n---\nMore.",
        "Title of the text\n-----\nMore.",
        "https://example.org/\n---\nMore.",
        "Dear Jane: hello.\nDear Joe: hello.\n\nMore.",
        "+++\nplus\n+++\nMore.",
        "***\n\nA text below a rule.",
        "—\nnote: with a dash above it.",
        "```yaml\n---\nkey: value\n---\n```\nMore.",
        "    indented: code\n\nMore.",
        '{"a": 1} is an object',
        "std::string x;\n---\nMore.",
        "---",
        "---\n",
    ],
)
def test_what_only_looks_like_front_matter_is_text(text: str) -> None:
    assert take_apart(text).document == {"body_text": text.strip("\r\n")}


@pytest.mark.parametrize(
    "body",
    [
        "---\nUpdate: we have moved.\n---\nText.",
        "```yaml\n---\ntitle: x\n---\n```",
        "    ---\n    key: value\n    ---",
        "Intro\n\n---\ntitle: x\n---\n",
        "| a |\n| --- |\n",
        '{"a": 1}\n',
    ],
)
def test_a_text_may_go_on_as_it_likes_below_front_matter(body: str) -> None:
    found = parse_markdown(f"---\ntitle: T\n---\n{body}", zone=BERLIN, now=NOW)
    assert found.markdown == body.strip("\n")


def test_a_long_text_of_comments_and_rules_is_read_at_once() -> None:
    for text in ("<!-- x -->" * 50_000, "<!-- " * 100_000, "\n" * 500_000, "{# " * 100_000, "---\n" * 100_000):
        assert take_apart(text + "x").document["body_text"]


@pytest.mark.parametrize("front", [YAML, TOML])
@pytest.mark.parametrize(
    ("wrap", "line", "where"),
    [
        (lambda front: f"<!--\n{front.replace('Not yet.', '')}-->\n\nNot yet.\n", 2, "in an HTML comment"),
        (lambda front: f"<!-- a -->\n<!--\n{front.replace('Not yet.', '')}-->\nNot yet.\n", 3, "in an HTML comment"),
        (lambda front: "".join(f"> {line}\n" for line in front.splitlines()), 1, "in a quotation"),
        (lambda front: "\n" + "".join(f">{line}\n" for line in front.splitlines()) + "\nx\n", 2, "in a quotation"),
        (lambda front: f"~~~\n{front}~~~\n", 2, "in a code block"),
    ],
)
def test_front_matter_within_something_else_is_refused(
    front: str, wrap: Callable[[str], str], line: int, where: str
) -> None:
    assert refusal(wrap(front)) == (line, f"the front matter is {where}")


@pytest.mark.parametrize("text", ["> A quotation\n> of: two lines\n\nText.\n", "<!--\nNote: hi\n-->\nText.\n"])
def test_what_stands_in_a_comment_or_quotation_may_have_colons(text: str) -> None:
    assert take_apart(text).document.get("title") is None
