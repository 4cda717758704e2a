"""What `emdash jsonld` prints is a BlogPosting to schema-dts, which has schema.org's vocabulary as TypeScript."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.harness.node import NodeError, node, packages
from tests.posts.test_jsonld import published, told

if TYPE_CHECKING:
    from tests.harness.site import Site

pytestmark = pytest.mark.platforms
HERE = Path(__file__).parent


def compiled(tmp_path: Path, document: Any) -> subprocess.CompletedProcess[str]:
    """What ``tsc --noEmit --strict`` says about the document."""
    try:
        home = packages("emdash-jsonld", HERE, ["package.json", "package-lock.json"], [])
    except NodeError as error:
        pytest.fail(str(error))
    (tmp_path / "node_modules").symlink_to(home / "node_modules")
    head = 'import type { BlogPosting, WithContext } from "schema-dts";\n'
    source = tmp_path / "posting.ts"
    source.write_text(f"{head}export const posting: WithContext<BlogPosting> = {json.dumps(document)};\n", "utf-8")
    command = [str(node().program), str(home / "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", source.name]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)


def test_the_graph_is_a_blog_posting(site: Site, tmp_path: Path) -> None:
    found = told(published(site))
    done = compiled(tmp_path, found)
    assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.parametrize("wrong", [{"datePublishd": "2026"}, {"author": {"@type": "Perso", "name": "A"}}])
def test_the_check_finds_what_is_wrong(site: Site, tmp_path: Path, wrong: dict[str, Any]) -> None:
    assert compiled(tmp_path, told(published(site)) | wrong).returncode != 0
