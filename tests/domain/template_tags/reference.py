"""The generated table of docs/template-tags.md; ``python -m tests.domain.template_tags.reference`` writes it anew."""

from __future__ import annotations

import re
from pathlib import Path

from emdash_cli.domain.template_tags.meanings import MEANINGS

PAGE = Path(__file__).parents[3] / "docs" / "template-tags.md"
SECTION = re.compile(r"<!-- generated: tags -->\n.*?<!-- end -->", re.DOTALL)


def render(page: str) -> str:
    """The page with the table as the code has it."""
    rows = ["| Names | For example | Becomes |", "|---|---|---|"]
    for row in MEANINGS:
        becomes = f"`{row.becomes}`" if row.becomes[0] in "<[" else row.becomes
        rows.append(f"| {', '.join(f'`{name}`' for name in row.names)} | `{row.example}` | {becomes} |")
    table = "\n".join(rows)
    return SECTION.sub(lambda _: f"<!-- generated: tags -->\n{table}\n<!-- end -->", page)


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text("utf-8")), "utf-8")
