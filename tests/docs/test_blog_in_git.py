"""The page on a blog in git: its workflow can be read, and its commands do what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs/blog-in-git.md").read_text("utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(re.findall(r"<!-- workflow -->\n```yaml\n(.*?)\n```\n", PAGE, re.DOTALL)[0])
CRON = re.findall(r"<!-- cron -->\n```\n(.*?)```", PAGE, re.DOTALL)[0].splitlines()
ARTICLE = "---\ntitle: Hello\ndate: 2024-01-01\n---\nThe {} text.\n"


@pytest.fixture
def blog(tmp_path: Path) -> Path:
    """A checkout of a repository, with a store."""
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.org")
    upstream = tmp_path / "upstream"
    (upstream / "content").mkdir(parents=True)
    (upstream / "emdash.toml").write_text(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0])
    (upstream / "content/hello.md").write_text(ARTICLE.format("first"))
    for words in (("init", "--quiet", "-b", "main"), ("add", "."), ("commit", "--quiet", "-m", "x")):
        subprocess.run([*git, *words], cwd=upstream, check=True)
    subprocess.run(["git", "clone", "--quiet", "upstream", "blog"], cwd=tmp_path, check=True)
    assert run(tmp_path / "blog", "emdash init").returncode == 0
    return tmp_path / "blog"


def run(blog: Path, script: str) -> subprocess.CompletedProcess[str]:
    """A step, as GitHub runs it: a shell that ends at the first failure."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(blog),
        "LANG": "C.UTF-8",
        "EMDASH_DATABASE": f"sqlite:{blog}/emdash.db",
        "GITHUB_STEP_SUMMARY": str(blog.parent / "summary.md"),
    }
    return subprocess.run(
        ["sh", "-e", "-c", script], cwd=blog, env=environment, capture_output=True, text=True, check=False
    )


def last_step(job: str) -> str:
    """The command for which a job is there."""
    return str(WORKFLOW["jobs"][job]["steps"][-1]["run"])


def test_each_job_has_its_trigger() -> None:
    triggers = WORKFLOW[True]  # YAML 1.1 takes the key `on` for true
    for job in WORKFLOW["jobs"].values():
        (event,) = re.findall(r"github\.event_name == '(\w+)'", job["if"])
        assert event in triggers
        assert job["steps"][0]["uses"].startswith("actions/checkout@")
        assert all(set(step) & {"uses", "run"} for step in job["steps"])


def test_the_jobs_publish_show_and_update(blog: Path) -> None:
    assert run(blog, last_step("publish")).returncode == 0
    (blog / "content/hello.md").write_text(ARTICLE.format("second"))
    (blog / "content/new.md").write_text(ARTICLE.format("new").replace("Hello", "New"))
    assert run(blog, last_step("preview")).returncode == 0
    summary = (blog.parent / "summary.md").read_text()
    assert summary.startswith("```diff\nwould be ")
    assert summary.endswith("\n```\n")
    assert "\n-The first text.\n+The second text.\n" in summary
    assert "would be published\tdefault\tnew.md\tnew\n" in summary
    assert "The first text." in run(blog, "emdash show hello --format md").stdout
    assert run(blog, last_step("publish")).returncode == 0
    assert "The second text." in run(blog, "emdash show hello --format md").stdout
    assert run(blog, last_step("sweep")).returncode == 0


def test_the_preview_fails_where_a_file_would_be_rejected(blog: Path) -> None:
    (blog / "content/bad.md").write_text("---\ntitle: Bad\nstatus: maybe\n---\nText.\n")
    os.utime(blog / "content/bad.md", (0, 0))
    assert run(blog, last_step("preview")).returncode == 3
    assert "would be rejected\tdefault\tbad.md" in (blog.parent / "summary.md").read_text()


def test_cron_pulls_and_says_nothing(blog: Path) -> None:
    for line in CRON:
        command = re.fullmatch(r"(?:\S+ ){5} *cd /srv/blog && (.*)", line)
        assert command
        ran = run(blog, command[1])
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    upstream = blog.parent / "upstream"
    (upstream / "content/hello.md").write_text(ARTICLE.format("second"))
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "-am", "y"],
        cwd=upstream,
        check=True,
    )
    ran = run(blog, CRON[0].partition("&& ")[2])
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert "The second text." in run(blog, "emdash show hello --format md").stdout


def test_links_lead_somewhere() -> None:
    for target, heading in re.findall(r"\]\((?!https?:)([^)#]+)(?:#([^)]+))?\)", PAGE):
        found = re.findall(r"^#+ (.*)$", (TOP / "docs" / target).read_text("utf-8"), re.MULTILINE)
        assert not heading or heading in {re.sub(r"[^\w -]", "", name).lower().replace(" ", "-") for name in found}
