"""`emdash schema`: what an editor or another program is told of the documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

if TYPE_CHECKING:
    from tests.harness.cli import Cli


def test_the_schema_accepts_every_sample_and_refuses_what_the_queue_refuses(cli: Cli) -> None:
    schema = cli("schema", "queue-file").succeeds().json
    jsonschema.Draft202012Validator.check_schema(schema)
    cli("init", "--samples").succeeds()
    for name in cli.files("queue"):
        jsonschema.validate(json.loads((cli.root / "queue" / name).read_text()), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"title": "No text"}, schema)


def test_an_unknown_document_is_refused_with_those_there_are(cli: Cli) -> None:
    cli("schema", "queue-fiel").fails(2, "queue-file")
    cli("schema").fails(2, "DOCUMENT")
