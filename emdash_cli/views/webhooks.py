"""What came of a test notice, as a line or a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.errors import Exit
from emdash_cli.views import output

if TYPE_CHECKING:
    from emdash_cli.distribution.testing import TestedWebhook


def show_test(tested: TestedWebhook, *, as_json: bool) -> int:
    """Print the answer, and return the exit code."""
    if as_json:
        from emdash_cli.views import json_form
        from emdash_cli.views.documents import site

        json_form.show(site.WebhookTest.of(tested))
    else:
        cells = (tested.category, tested.platform, tested.url, tested.id, tested.answer or "")
        output.data("\t".join(output.sanitized(cell) for cell in cells))
        if tested.error:
            output.note(output.sanitized(tested.error))
    return Exit.PARTLY if tested.error else Exit.DONE
