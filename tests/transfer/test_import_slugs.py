"""`emdash import --slug` and `--hidden-as-draft`: files of one name, and files that are not for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Result, Site

WEEKLY = ("_posts/2014-03-03-weekly.md", "_posts/2014-03-10-weekly.md")


def put(site: Site, path: str, matter: str = "", text: str = "") -> None:
    file = site.root / "pages" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"---\n{matter}---\n{text or f'Text of {path}.'}\n")


def bring(site: Site, *words: str) -> Result:
    return site.run("import", "--from-markdown", "pages", "--json", *words)


def slugs(site: Site) -> dict[str, str]:
    return dict(site.sql("SELECT file, slug FROM publish_ledger"))


def test_a_conflict_names_the_other_file_and_its_post_and_the_way_out(site: Site) -> None:
    for path in WEEKLY:
        put(site, path)
    reported = bring(site, "--dry-run")
    assert reported.counts == {"published": 1, "conflict": 1}
    reason = reported.outcomes[WEEKLY[1]]["reason"]
    assert f"the slug weekly (en) belongs to another article, that of {WEEKLY[0]};" in reason
    done = bring(site)
    assert (done.code, done.counts) == (3, {"published": 1, "conflict": 1})
    ((post,),) = site.sql("SELECT id FROM ec_posts")
    reason = done.outcomes[WEEKLY[1]]["reason"]
    assert (
        f"belongs to another article, post {post}, from {WEEKLY[0]}; choose another slug and import it again" in reason
    )
    assert "--slug '{yyyy}-{mm}-{dd}-{name}'" in reason


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_date_in_the_slug_tells_files_of_one_name_apart(site: Site, *, dry_run: bool) -> None:
    for path in WEEKLY:
        put(site, path)
    ran = bring(site, "--slug", "{yyyy}-{mm}-{dd}-{name}", *(["--dry-run"] if dry_run else []))
    assert ran.counts == {"published": 2}
    assert [ran.outcomes[path]["slug"] for path in WEEKLY] == ["2014-03-03-weekly", "2014-03-10-weekly"]
    if not dry_run:
        assert bring(site, "--slug", "{yyyy}-{mm}-{dd}-{name}").counts == {"duplicate": 2}


@pytest.mark.parametrize(
    ("pattern", "path", "slug"),
    [
        ("{path}", "news/2020-01-02-weekly.md", "news-weekly"),
        ("{path}", "Über uns/Wer wir sind.md", "uber-uns-wer-wir-sind"),
        ("{path}", "de/news/weekly.md", "news-weekly"),
        ("{path}", "news/weekly.de.md", "news-weekly"),
        ("{path}", "news/weekly/index.md", "news-weekly"),
        ("{path}", "_posts/sub/2020-01-02-weekly.md", "sub-weekly"),
        ("{path}", "index.md", "index"),
        ("{name}", "news/weekly/index.md", "weekly"),
        ("{title}-{name}", "news/weekly.md", "a-title-weekly"),
        ("{yyyy}{mm}-{path}", "news/weekly.md", "202001-news-weekly"),
        ("a-{path}", f"{'folder-of-a-long-name/' * 4}weekly.md", f"a-{'folder-of-a-long-name-' * 4}weekly"),
    ],
)
def test_patterns(site: Site, pattern: str, path: str, slug: str) -> None:
    site.settings('[streams.default]\n[streams.de]\nqueue = "q"\narchive = "a"\nlocale = "de"\n')
    put(site, path, "title: A title\ndate: 2020-01-02\n")
    assert bring(site, "--stream", "default", "--slug", pattern).counts == {"published": 1}
    assert slugs(site) == {path: slug}


def test_the_slug_of_the_front_matter_goes_before(site: Site) -> None:
    put(site, "a.md", "slug: own\ndate: 2020-01-02\n")
    bring(site, "--slug", "{path}-{yyyy}")
    assert slugs(site) == {"a.md": "own"}


def test_a_translation_finds_its_source_by_the_pattern(site: Site) -> None:
    site.settings('[streams.default]\n[streams.de]\nqueue = "q"\narchive = "a"\nlocale = "de"\n')
    put(site, "news/a.md", "date: 2020-01-02\n")
    put(site, "de/news/a.md", "date: 2020-01-03\n")
    assert bring(site, "--stream", "default", "--slug", "{yyyy}-{dd}-{path}").counts == {"published": 2}
    assert site.sql("SELECT count(DISTINCT translation_group) FROM ec_posts") == [(1,)]


def test_of_an_archive_too(site: Site) -> None:
    for month in ("01", "02"):
        path = site.root / f"old/published/2020-{month}/{month}-weekly.json"
        path.parent.mkdir(parents=True)
        path.write_text(f'{{"title": "W", "body_text": "Text {month}.", "publish_at": "2020-{month}-03"}}')
    assert site.run("import", "--from-archive", "old", "--slug", "{mm}-{name}", "--json").counts == {"published": 2}
    assert sorted(slugs(site).values()) == ["01-weekly", "02-weekly"]


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("{number}-{name}", "cannot contain {number}"),
        ("{folder}-{name}", "unknown placeholder {folder}"),
        ("{yyyy}", "would give several articles the same slug"),
        ("{path}/{name}", "is not allowed in a slug"),
        ("", "the same slug"),
    ],
)
def test_patterns_that_cannot_be_meant(site: Site, pattern: str, said: str) -> None:
    put(site, "a.md", "date: 2020-01-02\n")
    ran = bring(site, "--slug", pattern)
    assert (ran.code, said in ran.out) == (2, True), ran


def test_a_stream_has_no_paths(site: Site) -> None:
    site.settings('[streams.default]\nslug = "{path}"\n')
    ran = site.run("publish-queue")
    assert (ran.code, "{path} works only in `import --slug`" in ran.err) == (2, True)


def test_a_pattern_with_a_date_needs_one(site: Site) -> None:
    put(site, "a.md", "draft: true\n")
    ran = bring(site, "--slug", "{yyyy}-{name}")
    assert (ran.code, ran.outcomes["a.md"]["reason"]) == (
        3,
        "has no date, which --slug {yyyy}-{name} needs; add a date, or use another pattern",
    )


HIDDEN = [
    "hidden: true",
    "unlisted: true",
    "private: true",
    "password: open sesame",
    "visibility: members",
    "status: private",
    "status: pending",
    "archived: true",
    "members_only: true",
    "permalink: false",
    "build: {render: never}",
    "embargo: true",
    "expiryDate: 2020-02-01",
    "delete_at: 2099-01-01",
    "eleventyExcludeFromCollections: true",
    "hidden: true\nstatus: published",
    "published: true\nunlisted: true",
]


@pytest.mark.parametrize("matter", HIDDEN)
def test_what_is_hidden_is_rejected_or_a_draft(site: Site, matter: str) -> None:
    put(site, "a.md", f"title: A\ndate: 2020-01-02\n{matter}\n")
    refused = bring(site)
    assert (refused.code, refused.counts) == (3, {"rejected": 1})
    assert "--hidden-as-draft imports it as a draft" in refused.outcomes["a.md"]["reason"]
    reported = bring(site, "--hidden-as-draft", "--dry-run")
    done = bring(site, "--hidden-as-draft")
    assert (done.code, reported.counts, done.counts) == (0, {"draft": 1}, {"draft": 1})
    (notice,) = done.outcomes["a.md"]["notices"]
    assert notice.startswith("line ")
    assert notice.endswith("imported as a draft")
    assert site.sql("SELECT status, published_at FROM ec_posts") == [("draft", None)]
    assert bring(site, "--hidden-as-draft").counts == {"duplicate": 1}


@pytest.mark.parametrize("words", [(), ("--hidden-as-draft",)])
def test_drafts_and_what_is_to_come_are_what_they_are(site: Site, words: tuple[str, ...]) -> None:
    put(site, "_posts/2020-01-02-a.md", "published: false\n")
    put(site, "_posts/2020-01-02-b.md", "draft: true\n")
    put(site, "_posts/2099-01-02-c.md")
    put(site, "_drafts/d.md")
    put(site, "_posts/2020-01-02-e.md", "hidden: false\nunlisted: ''\n")
    ran = bring(site, *words)
    found = {name: reported["outcome"] for name, reported in ran.outcomes.items()}
    assert list(found.values()).count("draft") == 3
    assert (found["_posts/2099-01-02-c.md"], found["_posts/2020-01-02-e.md"]) == ("scheduled", "published")


def test_what_is_marked_as_published_in_the_future_is_scheduled(site: Site) -> None:
    put(site, "a.md", "title: A\nstatus: published\ndate: 2099-01-02\n")
    assert "--hidden-as-draft schedules it" in bring(site).outcomes["a.md"]["reason"]
    assert bring(site, "--hidden-as-draft").counts == {"scheduled": 1}


def test_hidden_files_of_an_archive(site: Site) -> None:
    (site.root / "old").mkdir()
    (site.root / "old/1-a.json").write_text('{"title": "A", "body_text": "Text.", "visibility": "paid"}')
    ran = site.run("import", "--from-archive", "old", "--json")
    assert "--hidden-as-draft" in ran.outcomes["1-a.json"]["reason"]
    assert site.run("import", "--from-archive", "old", "--json", "--hidden-as-draft").counts == {"draft": 1}
    assert "paid" in site.sql("SELECT metadata FROM publish_ledger")[0][0]


def test_other_faults_of_a_hidden_file_are_still_reported(site: Site) -> None:
    put(site, "a.md", "title: A\nhidden: true\nslug: Not A Slug!\ndate: nonsense\n")
    ran = bring(site, "--hidden-as-draft")
    assert ran.counts == {"rejected": 1}


def test_links_between_pages_follow_the_pattern(site: Site) -> None:
    (site.root / "pages").mkdir()
    (site.root / "pages" / "_config.yml").write_text("title: A blog\n")
    put(site, "_posts/2020-01-02-a.md")
    put(site, "_posts/2020-01-03-b.md", text="See [it]({% post_url 2020-01-02-a %}).")
    assert bring(site, "--slug", "{yyyy}-{name}").counts == {"published": 2}
    assert "/posts/2020-a" in site.sql("SELECT content FROM ec_posts WHERE slug = '2020-b'")[0][0]
