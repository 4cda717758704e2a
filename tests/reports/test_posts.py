"""`emdash posts`: lists, and what a shell completes."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.harness.posts import ago, ahead, give_post

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness.site import Site

TOML = """timezone = "Europe/Berlin"
[streams.default]
[streams.news]
category = "News"
author = "Ada Lovelace"
"""


@pytest.fixture
def full(site: Site) -> Site:
    """Four posts of two streams, made an hour after each other."""
    site.write("emdash.toml", TOML)
    site.run("init").succeeds()
    articles: list[tuple[str, dict[str, Any]]] = [
        ("queue", {"title": "First", "slug": "first", "category": "Tech", "tags": ["a", "b"], "author": "Alan Turing"}),
        ("queue/news", {"title": "Second, with a comma", "slug": "second"}),
        ("queue", {"title": 'Third "quoted"', "slug": "third", "status": "draft"}),
        ("queue/news", {"title": "Fourth", "slug": "fourth", "publish_at": "2026-07-01T08:00Z", "locale": "de"}),
    ]
    with freeze_time("2026-06-10T12:00:00Z", auto_tick_seconds=0) as clock:
        for number, (queue, article) in enumerate(articles):
            clock.move_to(f"2026-06-10T{12 + number}:00:00Z")
            site.write(f"{queue}/{number}.json", {"body_text": "Text.", **article})
            site.run("publish-queue").succeeds()
    return site


def slugs(site: Site, *words: str) -> list[str]:
    return [line.split("\t")[2] for line in site.run("posts", *words).succeeds().lines]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", "fourth third second first"),
        ("--status published", "second first"),
        ("--status scheduled", "fourth"),
        ("--status draft", "third"),
        ("--status trashed", ""),
        ("--from 2026-07-01", "fourth"),
        ("--to 2026-06-30", "second first"),
        ("--from 2026-06-10 --to 2026-06-10 --stream news", "second"),
        ("--author alan-turing", "first"),
        ("--author", "fourth second"),
        ("--category tech", "first"),
        ("--category News", "fourth second"),
        ("--tag b", "first"),
        ("--tag c", ""),
        ("--stream news", "fourth second"),
        ("--locale de", "fourth"),
        ("--limit 2", "fourth third"),
        ("--since 2026-06-10T15:30+02:00", "fourth third"),
        ("--since 2026-06-10", "fourth third second first"),
        ("--since 2026-06-11", ""),
        ("--stream news --status published --category news", "second"),
    ],
)
def test_conditions_go_together(full: Site, words: str, found: str) -> None:
    said = ["--author", "Ada Lovelace"] if words == "--author" else words.split()
    assert slugs(full, *said) == found.split()


def test_a_line_has_the_same_columns_as_the_manual_says(full: Site) -> None:
    made = "2026-06-10T13:00:00.000Z"
    assert full.run("posts", "--stream", "news").succeeds().lines == [
        "scheduled\t2026-07-01T08:00:00.000Z\tfourth\tde\tAda Lovelace\tNews\tFourth\t2026-06-10T15:00:00.000Z",
        f"published\t{made}\tsecond\ten\tAda Lovelace\tNews\tSecond, with a comma\t{made}",
    ]


def test_json_tells_all(full: Site) -> None:
    document = full.run("posts", "--json", "--tag", "a").succeeds().json
    [post] = document["posts"]
    assert document["next"] is None
    assert post.pop("id")
    assert post == {
        "slug": "first",
        "locale": "en",
        "status": "published",
        "title": "First",
        "created_at": "2026-06-10T12:00:00.000Z",
        "published_at": "2026-06-10T12:00:00.000Z",
        "scheduled_at": None,
        "expires_at": None,
        "updated_at": "2026-06-10T12:00:00.000Z",
        "author": "Alan Turing",
        "categories": ["Tech"],
        "tags": ["a", "b"],
        "stream": "default",
        "held": None,
        "distribution": None,
    }


def test_csv_is_read_back_as_it_was_meant(full: Site) -> None:
    text = full.run("posts", "--format", "csv").succeeds().out
    assert text.count("\r\n") == 5
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["title"] for row in rows] == ["Fourth", 'Third "quoted"', "Second, with a comma", "First"]
    assert rows[3]["tags"] == "a, b"


def test_a_list_can_be_gone_on_with(full: Site) -> None:
    found: list[str] = []
    place: list[str] = []
    for _ in range(3):
        document = full.run("posts", "--json", "--limit", "2", *place).succeeds().json
        found += [post["slug"] for post in document["posts"]]
        place = ["--after", str(document["next"])]
        if document["next"] is None:
            break
    assert found == ["fourth", "third", "second", "first"]
    full.run("posts", "--after", "nonsense").fails(2, "next")


def test_posts_in_the_trash_are_listed_only_when_asked_for(full: Site) -> None:
    full.sql("UPDATE ec_posts SET deleted_at = '2026-06-11T00:00:00.000Z' WHERE slug = 'second'")
    assert slugs(full) == ["fourth", "third", "first"]
    assert full.run("posts", "--status", "trashed").succeeds().lines[0].startswith("trashed\t")
    assert slugs(full, "--status", "trashed") == ["second"]


def test_a_published_post_that_waits_for_a_change_says_so(full: Site) -> None:
    full.sql("UPDATE ec_posts SET scheduled_at = '2027-01-01T00:00:00.000Z' WHERE slug = 'first'")
    assert full.run("posts", "--tag", "a").succeeds().out.startswith("published+change\t")
    assert slugs(full, "--status", "scheduled") == ["fourth", "first"]
    assert slugs(full, "--status", "published") == ["second", "first"]
    full.sql("UPDATE ec_posts SET deleted_at = '2026-06-11T00:00:00.000Z' WHERE slug = 'first'")
    assert slugs(full, "--status", "scheduled") == ["fourth"]


def test_no_posts_is_no_error(site: Site) -> None:
    result = site.run("posts").succeeds()
    assert (result.out, result.err) == ("", "no posts\n")
    site.run("posts", "--status", "gone").fails(2)
    site.run("posts", "--stream", "gone").fails(2, "gone")


@pytest.mark.parametrize(
    ("words", "reported"),
    [
        ("--category nope", "there is no category 'nope'"),
        ("--category newz", "there is no category 'newz'; did you mean news?"),
        ("--author ada-lovelac", "there is no author 'ada-lovelac'; did you mean ada-lovelace?"),
        ("--tag nope", "there is no tag 'nope'"),
        ("--author nope --category nope", "there is no author 'nope'\nthere is no category 'nope'"),
        ("--category news --author alan-turing", ""),
        ("--category News --locale fr", ""),
        ("--tag news", "there is no tag 'news'"),
    ],
)
def test_an_empty_list_tells_of_names_that_there_are_not(full: Site, words: str, reported: str) -> None:
    result = full.run("posts", *words.split()).succeeds()
    assert (result.out, result.err) == ("", f"{reported}\nno posts\n".lstrip())
    assert full.run("posts", "--json", *words.split()).succeeds().json == {"posts": [], "next": None}


@pytest.mark.parametrize("command", [("posts", "--limit"), ("doctor", "--sample"), ("calendar", "--days")])
@pytest.mark.parametrize("number", ["0", "9223372036854775807", "99999999999999999999999"])
def test_numbers_that_no_store_can_count_to_are_refused(site: Site, command: tuple[str, str], number: str) -> None:
    site.run(*command, number).fails(2, command[1], "not in the range")


def test_without_a_store_it_says_what_to_do(bare: Site) -> None:
    bare.run("posts").fails(6, "emdash init")
    bare.sql("CREATE TABLE other (id)")
    bare.run("posts").fails(6, "no table")


def test_titles_cannot_steer_the_terminal(full: Site) -> None:
    full.sql("UPDATE ec_posts SET title = ? WHERE slug = 'first'", "a\x1b]0;b\x07\r\nc")
    assert "\t]0;b" not in full.run("posts", "--tag", "a").out
    assert "\x1b" not in full.run("posts", "--tag", "a").out


# Completion, as bash asks for it.


def completed(site: Site, *words: str, home: Path | None = None, **environment: str) -> list[str]:
    """What the last word may become."""
    asked = {"_EMDASH_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(["emdash", *words])}
    asked["COMP_CWORD"] = str(len(words))
    done = subprocess.run(
        [sys.executable, "-m", "emdash_cli"],
        cwd=site.root,
        env={"PATH": os.environ["PATH"], "HOME": str(home or site.root), **asked, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("hist",), ["history"]),
        (("history", "f"), ["first", "fourth"]),
        (("posts", "--author", "a"), ["ada-lovelace", "alan-turing"]),
        (("posts", "--author", "al"), ["alan-turing"]),
        (("posts", "--category", "n"), ["news"]),
        (("posts", "--tag", "b"), ["b"]),
        (("posts", "--stream", "n"), ["news"]),
        (("posts", "--status", "d"), ["draft"]),
        (("calendar", "--format", "h"), ["html"]),
    ],
)
def test_the_shell_completes(full: Site, words: tuple[str, ...], found: list[str]) -> None:
    assert sorted(completed(full, *words)) == found


def test_a_disabled_user_is_offered_nothing(full: Site) -> None:
    full.run("users", "add", "ada@example.com").succeeds()
    assert completed(full, "history", "f", EMDASH_USER="ada@example.com")
    full.run("users", "disable", "ada@example.com").succeeds()
    assert completed(full, "history", "f", EMDASH_USER="ada@example.com") == []


def test_what_is_offered_to_the_commands_of_the_schedule_is_what_they_take(any_site: Site) -> None:
    live, draft, at = {"title": "Old"}, {"title": "New"}, ahead(days=9)
    give_post(any_site, "as-it-was", live=live, status="published", published_at=ago(days=3))
    give_post(any_site, "changed", live=live, draft=draft, status="published", published_at=ago(days=3))
    give_post(any_site, "coming", draft=draft, lock={}, scheduled_at=at)
    give_post(any_site, "coming-change", live=live, draft=draft, lock={}, status="published", scheduled_at=at)
    give_post(any_site, "draft", draft=draft, status="draft")
    held = {"held_at": ago(), "held_reason": "why", "scheduled_at": at}
    give_post(any_site, "held", draft=draft, lock=held, status="draft", scheduled_at=None)
    give_post(any_site, "trashed", draft=draft, status="draft", deleted_at=ago())
    slugs_of_all = [slug for (slug,) in any_site.sql("SELECT slug FROM ec_posts")]
    for verb, when in {"schedule": ["--at", "+1d"], "reschedule": ["--at", "+1d"], "unschedule": []}.items():
        tried = {slug: any_site.run(verb, slug, *when, "--dry-run") for slug in slugs_of_all}
        taken = [slug for slug, ran in tried.items() if ran.code == 0 and not ran.out.startswith("unchanged")]
        assert completed(any_site, verb, "") == sorted(taken)
        assert taken
    assert completed(any_site, "schedule", "c") == ["changed"]
    assert completed(any_site, "unschedule", "coming-") == ["coming-change"]


def test_no_more_than_fifty_are_offered(full: Site) -> None:
    for number in range(60):
        full.sql("INSERT INTO ec_posts (id, slug) VALUES (?1, ?1)", f"many-{number:02}")
    assert len(completed(full, "history", "many")) == 50


@pytest.mark.parametrize("words", [("history", "f"), ("posts", "--author", "a"), ("posts", "--stream", "n")])
def test_trouble_completes_nothing_and_says_nothing(bare: Site, words: tuple[str, ...]) -> None:
    assert completed(bare, *words) == []
    bare.write("emdash.toml", "not toml")
    assert completed(bare, *words) == []
    bare.write("emdash.toml", 'database = "sqlite:broken.db"')
    bare.write("broken.db", "not a database" * 100)
    assert completed(bare, *words) == []


def test_bash_takes_the_installed_completion(bash: str, full: Site, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "emdash").symlink_to(os.path.join(os.path.dirname(sys.executable), "emdash"))  # noqa: PTH118, PTH120
    environment = {"PATH": f"{bin_}:{os.environ['PATH']}", "HOME": str(home)}
    subprocess.run(["emdash", "--install-completion", "bash"], env=environment, check=True, capture_output=True)
    asked = (
        f". {home}/.bashrc; COMP_WORDS=(emdash history f); COMP_CWORD=2;"
        " function=$(complete -p emdash | sed 's/.*-F \\([^ ]*\\) .*/\\1/');"
        " $function emdash f history; echo ${COMPREPLY[@]}"
    )
    done = subprocess.run(
        [bash, "-c", asked], env=environment, cwd=full.root, check=True, capture_output=True, text=True
    )
    assert sorted(done.stdout.split()) == ["first", "fourth"]
