"""Varied articles for the benchmarks: about 1,200 words, 8 KB of Markdown, the same ones every time."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

WORDS = (
    "edge cache store query index publish revision draft schedule locale slug worker queue archive ledger batch atomic "
    "commit reader writer editor article content platform site search feed page image link table list code the a of to "
    "in and for with on as by from at that this it is was are be or not can will has have which when where why how"
).split()
TAGS = [f"Tag {number}" for number in range(40)]


def sentence(chance: random.Random) -> str:
    """Eight to twenty words, some of them marked up."""
    words = [chance.choice(WORDS) for _ in range(chance.randint(8, 20))]
    for mark in ("**{}**", "*{}*", "`{}`", "[{}](https://example.com/a?b=1)"):
        if chance.random() < 0.1:
            place = chance.randrange(len(words))
            words[place] = mark.format(words[place])
    return " ".join(words).capitalize() + "."


def markdown(chance: random.Random, size: int) -> str:
    """Markdown of about `size` bytes: paragraphs, headings, lists, code, tables and quotes."""
    parts: list[str] = []
    while sum(map(len, parts)) < size:
        paragraph = " ".join(sentence(chance) for _ in range(chance.randint(3, 6)))
        kind = chance.random()
        if kind < 0.5:
            parts.append(paragraph)
        elif kind < 0.65:
            parts.append(f"## {sentence(chance)}")
        elif kind < 0.8:
            parts.append("\n".join(f"- {sentence(chance)}" for _ in range(4)))
        elif kind < 0.9:
            parts.append("```python\n" + "\n".join(f"value_{n} = {n} * 2" for n in range(6)) + "\n```")
        elif kind < 0.95:
            parts.append("| a | b |\n|---|---|\n" + "\n".join(f"| {chance.choice(WORDS)} | {n} |" for n in range(5)))
        else:
            parts.append(f"> {sentence(chance)}")
    return "\n\n".join(parts)


def write_queue(queue: Path, count: int, size: int = 8000, seed: int = 1) -> None:
    """`count` queue files, numbered, each with a category, tags, an author and SEO."""
    chance = random.Random(seed)
    queue.mkdir(parents=True, exist_ok=True)
    bodies = [markdown(chance, size) for _ in range(min(count, 500))]
    for number in range(1, count + 1):
        title = f"{sentence(chance)[:60]} {number}"
        article = {
            "title": title,
            "body_text": f"{bodies[number % len(bodies)]}\n\nArticle {number}.",
            "category": chance.choice(("Engineering", "News", "Product")),
            "tags": chance.sample(TAGS, 3),
            "author": chance.choice(("Jane Doe", "Max Mustermann")),
            "seo": {"title": title, "description": "What search engines show."},
        }
        (queue / f"{number:06}-article.json").write_text(json.dumps(article, ensure_ascii=False))
