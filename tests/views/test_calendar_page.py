"""The page of `emdash calendar`, as Chromium shows it."""

from __future__ import annotations

import html
import json
import re
import struct
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.site import Site

    Browse = Callable[..., str]

PICTURES = Path(__file__).parents[2] / "build" / "calendar"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--disable-extensions")
NASTY = '<script>document.title = "hacked"</script> & "quotes"'
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3
TITLES = ["The week ahead", NASTY, LONG, "مرحبا بالعالم", "東京 ☕"]
# Measures the page in a frame of some width, and says what it found in an attribute.
PROBE = """<!doctype html><iframe id="f" style="width: {width}px; height: 2000px; border: 0" srcdoc="{page}"></iframe>
<script>
f.onload = () => {{
  const d = f.contentDocument, posts = [...d.querySelectorAll(".post")];
  const boxes = posts.map(p => p.getBoundingClientRect());
  const day = d.querySelector(".days .day:not(.empty)");
  document.body.setAttribute("data-found", JSON.stringify({{
    title: d.title, wide: d.documentElement.scrollWidth, width: d.documentElement.clientWidth,
    posts: posts.map(p => p.querySelector(".title").innerText.trim()),
    seen: boxes.filter(b => b.width > 20 && b.height > 20 && b.right <= {width}).length,
    columns: getComputedStyle(d.querySelector(".days")).gridTemplateColumns.split(" ").length,
    scripts: d.scripts.length, letters: [...d.querySelectorAll(".post .letter")].map(l => l.innerText),
    legend: [...d.querySelectorAll("dd > span")].map(l => l.innerText), heading: day.querySelector("h2").innerText,
  }}));
}};
</script>"""


@pytest.fixture
def browse(chromium: str, tmp_path: Path) -> Browse:
    """Runs Chromium, and answers what it prints."""

    def run(*words: str) -> str:
        command = [chromium, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout

    return run


@pytest.fixture
def page(site: Site) -> Path:
    """A page with posts of every kind."""
    with freeze_time("2026-06-10T12:00:00Z"):
        for number, title in enumerate(TITLES):
            article = {"title": title, "slug": f"p{number}", "body_text": "T.", "category": f"C{number % 2} <b>"}
            author = ["Ada Lovelace", "Alan <i>Turing</i>", "Grace Hopper"][number % 3]
            times = {"publish_at": f"2026-06-{12 + number * 3}T09:00Z"}
            site.write(f"queue/{number}.json", {**article, **times, "author": author})
        site.run("publish-queue").succeeds()
        site.sql("UPDATE ec_posts SET scheduled_at = '2026-06-01T00:00:00.000Z' WHERE slug = 'p4'")
        site.run("calendar", "-o", "page.html").succeeds()
    return site.root / "page.html"


def measured(browse: Browse, page: Path, width: int) -> dict[str, Any]:
    probe = page.with_name("probe.html")
    probe.write_text(PROBE.format(width=width, page=html.escape(page.read_text("utf-8"))), "utf-8")
    dom = browse("--virtual-time-budget=10000", "--dump-dom", probe.as_uri())
    found = re.search(r'data-found="([^"]*)"', dom)
    assert found, dom[-2000:]
    document: dict[str, Any] = json.loads(html.unescape(found[1]))
    return document


@pytest.mark.parametrize(("width", "columns"), [(390, 1), (320, 1), (1280, 7)])
def test_everything_is_shown_and_nothing_sticks_out(browse: Browse, page: Path, width: int, columns: int) -> None:
    found = measured(browse, page, width)
    assert found["wide"] <= found["width"] <= width
    assert found["posts"] == [TITLES[4], *TITLES[:4]], "the overdue post comes first"
    assert found["seen"] == len(TITLES)
    assert found["columns"] == columns
    assert found["heading"] == ("12" if columns == 7 else "Friday 12 June")


def test_what_an_author_writes_is_text(browse: Browse, page: Path) -> None:
    found = measured(browse, page, 390)
    assert (found["title"], found["scripts"]) == ("Calendar, 10 June 2026 to 9 July 2026", 0)
    assert "Alan <i>Turing</i>" in " ".join(found["legend"])


def test_it_can_be_read_without_colour(browse: Browse, page: Path) -> None:
    """Every post has its author's letter, and the legend has each letter and symbol with its name."""
    found = measured(browse, page, 390)
    assert len(found["letters"]) == len(TITLES)
    legend = {entry.partition(" ")[0] for entry in found["legend"]}
    assert set(found["letters"]) <= legend
    assert len(legend) == 3 + 2


def test_the_page_needs_nothing_else(page: Path) -> None:
    text = page.read_text("utf-8")
    assert not re.search(r"(?:src|href)\s*=|url\(|@import|https?:", text)
    assert "prefers-color-scheme: dark" in text


@pytest.mark.parametrize(("name", "width", "height"), [("desktop", 1280, 900), ("tablet", 820, 1100)])
def test_pictures_for_people_to_look_at(browse: Browse, page: Path, name: str, width: int, height: int) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture = PICTURES / f"{name}.png"
    picture.unlink(missing_ok=True)
    browse(f"--window-size={width},{height}", f"--screenshot={picture}", page.as_uri())
    assert struct.unpack(">II", picture.read_bytes()[16:24]) == (width, height)


def test_a_month_fits_on_a_page_or_two_of_paper(browse: Browse, page: Path) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    paper = PICTURES / "paper.pdf"
    paper.unlink(missing_ok=True)
    browse("--no-pdf-header-footer", f"--print-to-pdf={paper}", page.as_uri())
    raw = paper.read_bytes()
    assert 1 <= len(re.findall(rb"/Type /Page\b", raw)) <= 2
    [box] = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", raw))
    assert float(box[0]) > float(box[1]), "the paper stands upright"
