"""The articles that the tests publish."""

from __future__ import annotations

from typing import Any

FULL = "/posts/everything-and-more"
GERMAN = "/de/posts/alles-und-mehr"
GUEST = "/posts/a-guest-writes"
UNSEEN = ("/posts/not-yet", "/posts/on-a-later-day")
"""Where the articles of this file are, or would be, on the site."""

MARKDOWN = """\
## What changed

Plain **strong** *emphasis* `inline code` ~~struck~~ ***both*** and [a link](https://example.com/a?b=1&c=2).\\
After a hard break, with an accent in Zürich and a rocket 🚀.

### Steps

1. First
2. Second
   - nested apple
   - nested pear
3. Third

- cherry
- plum

```python
print("<b>Zürich</b>")
```

| Name | Count |
|------|------:|
| [cell](https://example.com/cell) | **two** |

> A quote
>
> of two paragraphs.

---

![A sample picture]({picture})

<div class="note">Raw <em>HTML</em> stays.</div>

A claim.[^1]

[^1]: The footnote says wombat.

The last paragraph.
"""


def full(base_url: str) -> dict[str, Any]:
    """An article with every shape of Portable Text and everything that a queue file can say."""
    picture = f"{base_url}/sample.svg"
    return {
        "id": "live-full",
        "title": "Everything & more",
        "slug": "everything-and-more",
        "body_text": MARKDOWN.replace("{picture}", picture),
        "excerpt": "What an article can hold.",
        "category": "News",
        "tags": ["SQLite", "Freshly Made"],
        "author": "Ada Lovelace",
        "featured_image": {"src": picture, "alt": "A circle beside a box"},
        "seo": {"title": "For engines", "description": "Described for engines.", "image": picture},
    }


def german() -> dict[str, Any]:
    """Its translation: another locale, whose terms and byline are rows of their own in EmDash."""
    return {
        "id": "live-german",
        "title": "Alles und mehr",
        "slug": "alles-und-mehr",
        "locale": "de",
        "translation_of": "live-full",
        "body_text": "Der deutsche Text über Größe.",
        "category": "Nachrichten",
        "tags": ["SQLite"],
        "author": "Ada Lovelace",
    }


def guest() -> dict[str, Any]:
    """By somebody that the site does not know, kept from search engines, and ending in a list."""
    return {
        "id": "live-guest",
        "title": "A guest writes",
        "slug": "a-guest-writes",
        "body_text": "Words of a guest.\n\n- the end is a list",
        "category": "news",
        "author": "Grace Hopper",
        "seo": {"no_index": True},
    }


def draft() -> dict[str, Any]:
    """For nobody to see yet."""
    return {
        "id": "live-draft",
        "title": "Not yet",
        "slug": "not-yet",
        "body_text": "A secret quokka.",
        "category": "News",
        "status": "draft",
    }


def later() -> dict[str, Any]:
    """For a day in the future; in winter Berlin is an hour ahead of UTC."""
    return {
        "id": "live-later",
        "title": "On a later day",
        "slug": "on-a-later-day",
        "body_text": "A patient axolotl.",
        "category": "News",
        "publish_at": "2031-01-15T09:00:00+01:00",
    }


def soon(moment: str) -> dict[str, Any]:
    """For EmDash's own scheduler to publish."""
    return {
        "id": "live-soon",
        "title": "By itself",
        "slug": "by-itself",
        "body_text": "Nobody swept this.",
        "category": "News",
        "tags": ["SQLite"],
        "publish_at": moment,
    }


def plain(slug: str, title: str, text: str = "Some text.", **more: object) -> dict[str, Any]:
    """An article of one paragraph."""
    return {"id": f"live-{slug}", "title": title, "slug": slug, "body_text": text, **more}
