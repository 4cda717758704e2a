"""What platforms would get: as text, as a web page, and as a JSON document."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any, Final

from emdash_cli.views import output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emdash_cli.distribution.preview import Part, PlatformPreview, Preview
    from emdash_cli.views.documents import posts

_LONGEST: Final = 300
"""Characters that are shown of a text within a JSON document."""
_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
article { border: 1px solid #8886; border-radius: .4rem; padding: 1rem; margin: 1rem 0; white-space: pre-wrap;
  overflow-wrap: anywhere; }
h2 small, p.count { font-size: .85rem; font-weight: normal; opacity: .75; }
p.count { text-align: right; margin: 0; }
.warning { border-left: .25rem solid #b80; padding-left: .75rem; }
.problem { border-left: .25rem solid #c33; padding-left: .75rem; }
"""


def show(found: Preview, form: str) -> None:
    """Print what platforms would get.

    Args:
        found: what they would.
        form: text, html or json.
    """
    match form:
        case "json":
            from emdash_cli.views import json_form

            json_form.show(document(found))
            return
        case "html":
            output.data(page(found))
        case _:
            for line in _lines(found):
                output.data(line)
    if not found.platforms:
        output.note(f"{output.sanitized(found.slug)} is announced on no platform")


def document(found: Preview) -> posts.Preview:
    """As a JSON document."""
    from emdash_cli.views.documents import posts

    platforms = (
        posts.PlatformPreview.of(each, parts=tuple(posts.PreviewPart.of(part) for part in each.parts))
        for each in found.platforms
    )
    return posts.Preview.of(found, platforms=tuple(platforms))


def _lines(found: Preview) -> Iterator[str]:
    for place, each in enumerate(found.platforms):
        yield from [""] if place else []
        yield output.styled(_heading(each), "cyan")
        for number, part in enumerate(each.parts, 1):
            if count := _count(each, part, number):
                yield output.styled(count, "bright_black")
            yield from (_printable(line) for line in _readable(part.text).split("\n"))
        yield from (output.styled(f"warning: {output.sanitized(one)}", "yellow") for one in each.warnings)
        if each.problem:
            yield output.styled(f"nothing can be sent: {output.sanitized(each.problem)}", "red")


def _heading(each: PlatformPreview) -> str:
    said = [each.kind if each.kind != each.platform else ""]
    said.append(f"{len(each.parts)} parts" if len(each.parts) > 1 else "")
    said.append(f"{each.cost_usd:.3f} USD" if each.cost_usd else "")
    said.append("" if each.is_chosen else "the post is not announced there")
    about = ", ".join(filter(None, said))
    return f"{each.platform} ({about})" if about else each.platform


def _count(each: PlatformPreview, part: Part, number: int) -> str:
    """Which part this is, and how long; empty where the platform does not count."""
    which = f"part {number}, " if len(each.parts) > 1 else ""
    if part.length is None:
        return which.removesuffix(", ")
    return f"{which}{part.length}" + (f" of {each.limit} characters" if each.limit is not None else " characters")


def _readable(text: str) -> str:
    """The text; a JSON document is indented, and its long texts are shortened."""
    try:
        found = json.loads(text) if text.startswith("{") else None
    except ValueError:
        found = None
    return text if found is None else json.dumps(_shortened(found), ensure_ascii=False, indent=2)


def _shortened(value: Any) -> Any:
    match value:
        case dict():
            return {key: _shortened(each) for key, each in value.items()}
        case list():
            return [_shortened(each) for each in value]
        case str() if len(value) > _LONGEST:
            return f"{value[:_LONGEST]}… ({len(value):,} characters)"
    return value


def _printable(line: str) -> str:
    return "".join(char for char in line if char == "\t" or char.isprintable())


def page(found: Preview) -> str:
    """A self-contained web page."""
    lines = [
        f'<!doctype html>\n<html lang="{escape(found.locale)}"><head><meta charset="utf-8">',
        f"<title>{escape(found.title)}</title><style>{_STYLE}</style></head>",
        f'<body><h1>{escape(found.title)}</h1><p><a href="{escape(found.url)}">{escape(found.url)}</a></p>',
    ]
    for each in found.platforms:
        name, _, about = _heading(each).partition(" ")
        lines.append(f"<section><h2>{escape(name)} <small>{escape(about)}</small></h2>")
        for number, part in enumerate(each.parts, 1):
            lines.append(f"<article>{escape(_readable(part.text))}</article>")
            lines.append(f'<p class="count">{escape(_count(each, part, number))}</p>')
        lines += [f'<p class="warning">{escape(one)}</p>' for one in each.warnings]
        if each.problem:
            lines.append(f'<p class="problem">Nothing can be sent: {escape(each.problem)}</p>')
        lines.append("</section>")
    return "\n".join([*lines, "</body></html>"])
