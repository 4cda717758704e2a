"""`emdash import --from-markdown`: languages by path, in any spelling, and which pages are translations of which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness.posts import foreign_post

if TYPE_CHECKING:
    from tests.harness.site import Result, Site


def streams(site: Site, *locales: str, first: str | None = "en") -> None:
    """Settings with a stream for each locale, and `default`."""
    named = {"default": first} if first else {}
    named |= {f"s{number}": locale for number, locale in enumerate(locales)}
    site.settings(
        "".join(
            f'[streams.{name}]\nqueue = "q-{name}"\narchive = "a-{name}"\nlocale = "{locale}"\n'
            for name, locale in named.items()
        )
    )


def put(site: Site, *paths: str, matter: str = "") -> None:
    """Pages whose titles are their paths."""
    for path in paths:
        file = site.root / "pages" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\ntitle: {path}\ndate: 2020-01-02\n{matter}---\nText.\n")


def bring(site: Site, stream: str = "default", *words: str) -> Result:
    return site.run("import", "--from-markdown", "pages", "--stream", stream, "--json", *words)


def found(site: Site) -> dict[str, str]:
    """The locale of each page."""
    return dict(site.sql("SELECT title, locale FROM ec_posts"))


def groups(site: Site) -> list[set[str]]:
    together: dict[str, set[str]] = {}
    for group, title in site.sql("SELECT translation_group, title FROM ec_posts"):
        together.setdefault(group, set()).add(title)
    return sorted(together.values(), key=sorted)


LAYOUTS = [
    ("en/posts/a.md", "de/posts/a.md"),
    ("posts/a.md", "de/posts/a.md"),
    ("content/en/posts/a.md", "content/de/posts/a.md"),
    ("content/posts/a.md", "content/posts/de/a.md"),
    ("posts/a.md", "posts/a.de.md"),
    ("posts/a.en.md", "posts/a.de.md"),
    ("content/posts/a/index.md", "content/posts/a/index.de.md"),
    ("content/posts/a.md", "content.de/posts/a.md"),
    ("content.en/posts/a.md", "content.de/posts/a.md"),
    ("src/content/docs/a.mdx", "src/content/docs/de/a.mdx"),
    ("src/pages/en/a.md", "src/pages/de/a.md"),
    ("blog/2020-01-02-a.md", "i18n/de/docusaurus-plugin-content-blog/2020-01-02-a.md"),
    ("docs/x/a.md", "i18n/de/docusaurus-plugin-content-docs/current/x/a.md"),
    ("_i18n/en/_posts/2020-01-02-a.md", "_i18n/de/_posts/2020-01-02-a.md"),
    ("_posts/2020-01-02-a.md", "_posts/de/2020-01-02-a.md"),
    ("en/_posts/2020-01-02-a.md", "de/_posts/2020-01-02-a.md"),
    ("posts/a.md", "DE/posts/a.md"),
]


@pytest.mark.parametrize(("english", "german"), LAYOUTS)
def test_layouts_of_generators(site: Site, english: str, german: str) -> None:
    streams(site, "de")
    put(site, english, german)
    assert bring(site, "default", "--dry-run").counts == bring(site).counts == {"published": 2}
    assert found(site) == {english: "en", german: "de"}
    assert groups(site) == [{english, german}]
    assert {slug for (slug,) in site.sql("SELECT slug FROM ec_posts")} == {"a"}
    assert bring(site).counts == {"duplicate": 2}


def test_two_streams_and_english_beside_them(site: Site) -> None:
    streams(site, "de", "ar", first=None)
    pages = {f"{locale}/posts/hello.md": locale for locale in ("de", "en", "ar")}
    put(site, *pages)
    assert bring(site, "s0").counts == {"published": 3}
    assert found(site) == pages
    assert groups(site) == [set(pages)]


@pytest.mark.parametrize("said", ["pt-BR", "pt_BR", "pt-br", "PT_br"])
@pytest.mark.parametrize("known", ["pt-br", "pt-BR", "pt_BR"])
def test_a_spelling_is_the_one_of_the_settings(site: Site, known: str, said: str) -> None:
    streams(site, known)
    put(site, "a.md", f"{said}/a.md", f"b.{said}.md")
    put(site, "c.md", matter=f"lang: {said}\n")
    assert bring(site).counts == {"published": 4}
    ours = known.replace("_", "-")
    assert found(site) == {"a.md": "en", f"{said}/a.md": ours, f"b.{said}.md": ours, "c.md": ours}


@pytest.mark.parametrize("known", ["pt-br", "pt-BR"])
def test_the_spelling_of_the_store_counts_before_the_one_of_the_settings(site: Site, known: str) -> None:
    streams(site, known)
    foreign_post(site, id="old", slug="old", title="Old", locale="pt-br")
    put(site, "pt-BR/a.md")
    bring(site)
    (site.root / "q-s0" / "1-b.json").write_text('{"title": "B", "body_text": "Text.", "slug": "b"}')
    assert site.publish("--stream", "s0").counts == {"published": 1}
    assert found(site) == {"Old": "pt-br", "pt-BR/a.md": "pt-br", "B": "pt-br"}


@pytest.mark.parametrize(("said", "locale"), [("zh_CN", "zh-CN"), ("zh-hans-cn", "zh-Hans-CN"), ("fr", "fr")])
def test_what_nobody_knows_is_spelt_as_in_bcp_47(site: Site, said: str, locale: str) -> None:
    site.put("1-a.json", locale=said)
    assert site.publish().counts == {"published": 1}
    assert site.sql("SELECT locale FROM ec_posts") == [(locale,)]


def test_an_article_in_an_old_spelling_is_still_recognised(site: Site) -> None:
    site.put("1-a.json", locale="pt-br", id="x")
    site.publish()
    site.sql("UPDATE ec_posts SET locale = 'pt-br'")
    site.sql("UPDATE publish_ledger SET locale = 'pt-br', key = 'id:x:pt-br', digest = 'old'")
    site.put("2-a.json", locale="pt-BR", id="x")
    ran = site.publish()
    assert ran.counts == {"changed": 1}
    assert "edited since it was published as" in ran.outcomes["2-a.json"]["reason"]


@pytest.mark.parametrize("said", ["pt-br", "pt-BR", "pt_BR"])
def test_options_take_any_spelling(site: Site, said: str) -> None:
    site.put("1-a.json", locale="pt-BR", slug="a", title="A")
    site.put("2-b.json", locale="en", slug="a", title="B")
    site.publish()
    assert site.run("show", "a", "--locale", said, "--json").json["title"] == "A"
    assert [post["title"] for post in site.run("posts", "--locale", said, "--json").json["posts"]] == ["A"]
    assert site.run("schedule", "a", "--locale", said, "--at", "2099-01-01T00:00Z").code == 3  # it is published
    assert site.run("export", "out", "--locale", said).code == 0
    assert len(list((site.root / "out").rglob("*.json"))) == 1


def test_a_folder_that_only_looks_like_a_language_stays_in_the_path(site: Site) -> None:
    put(site, "it/servers.md", "no/comment.md", "is/odd.md", "other.md")
    ran = bring(site)
    assert (ran.counts, ran.json.get("notices")) == ({"published": 4}, [])
    assert set(found(site).values()) == {"en"}


@pytest.mark.parametrize("name", ["to-ruby-from-java", "de-facto-standard", "is-it-done", "en-US-x-y", "it-1"])
def test_a_name_of_words_is_not_pointed_out_as_a_language(site: Site, name: str) -> None:
    put(site, "docs/a.md", f"docs/{name}/a.md")
    assert bring(site, "default", "--slug", "{path}").json["notices"] == []


@pytest.mark.parametrize("name", ["fr", "pt-br", "zh_Hans", "zh-Hant-TW", "es-419"])
def test_a_language_with_script_and_region_is_pointed_out(site: Site, name: str) -> None:
    put(site, "docs/a.md", f"docs/{name}/a.md")
    (notice,) = bring(site, "default", "--dry-run").json["notices"]
    assert "looks like a language that no stream has" in notice
    assert f"docs/{name}/a.md seems to be a translation, but is imported as en" in notice


@pytest.mark.parametrize("folder", ["posts/hello", "content/blog/2024-05-31-hello", "hello"])
def test_files_named_by_their_language_alone_are_translations_of_their_folder(site: Site, folder: str) -> None:
    streams(site, "de", "pt-BR")
    put(site, *(f"{folder}/{name}.md" for name in ("en", "de", "pt_br")), "other.md")
    assert bring(site).counts == {"published": 4}
    assert found(site) == {
        f"{folder}/en.md": "en",
        f"{folder}/de.md": "de",
        f"{folder}/pt_br.md": "pt-BR",
        "other.md": "en",
    }
    assert len(groups(site)) == 2
    assert {slug for (slug,) in site.sql("SELECT slug FROM ec_posts")} == {"hello", "other"}
    assert bring(site).counts == {"duplicate": 4}


def test_a_language_among_other_names_is_a_name(site: Site) -> None:
    streams(site, "de", "no")
    put(site, "posts/no.md", "posts/yes.md", "de.md")
    bring(site)
    assert set(found(site).values()) == {"en"}
    assert {slug for (slug,) in site.sql("SELECT slug FROM ec_posts")} == {"no", "yes", "de"}


def test_an_unknown_language_among_files_named_by_theirs_is_pointed_out(site: Site) -> None:
    streams(site, "de")
    put(site, "posts/a/de.md", "posts/a/fr.md", "posts/a/en.md")
    (notice,) = bring(site).json["notices"]
    assert "fr looks like a language that no stream has: posts/a/fr.md" in notice


@pytest.mark.parametrize("folder", ["content/de", "content/de/posts", "content.de"])
def test_the_folder_that_is_imported_may_be_the_one_of_a_language(site: Site, folder: str) -> None:
    streams(site, "de")
    for name, text in (("a.md", "Eins."), ("a.en.md", "One.")):
        file = site.root / folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\ntitle: {name}\ndate: 2020-01-02\n---\n{text}\n")
    assert site.run("import", "--from-markdown", folder, "--json").counts == {"published": 2}
    assert found(site) == {"a.md": "de", "a.en.md": "en"}
    assert groups(site) == [{"a.en.md", "a.md"}]


def test_the_translation_of_a_duplicate_belongs_to_the_post_with_its_text(site: Site) -> None:
    streams(site, "de")
    for path, text in (("a.md", "One."), ("b.md", "One."), ("de/b.md", "Eins.")):
        file = site.root / "pages" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\ntitle: {text}\ndate: 2020-01-02\n---\n{text}\n")
    assert bring(site, "default", "--dry-run").counts == {"published": 2, "duplicate": 1}
    assert bring(site).counts == {"published": 2, "duplicate": 1}
    assert groups(site) == [{"Eins.", "One."}]
    assert bring(site).counts == {"duplicate": 3}


def test_languages_that_no_setting_knows_are_pointed_out(site: Site) -> None:
    streams(site, "de")
    put(site, "a.md", "de/a.md", "fr/a.md", "fr/b.md", "pt_BR/a.md")
    (notice,) = bring(site, "default", "--dry-run").json["notices"]
    assert "fr, pt_BR look like languages that no stream has: 2 pages, such as fr/a.md" in notice
    assert 'add a stream with locale = "fr"' in notice


@pytest.mark.parametrize("key", ["translationKey", "translation_key", "ref", "lang-ref", "lang_ref", "page_id"])
@pytest.mark.parametrize("form", ["{key}: hello", '{key}: "hello" # the same', "'{key}': hello"])
def test_a_key_in_common_links_pages_of_other_names(site: Site, key: str, form: str) -> None:
    streams(site, "de", "fr")
    matter = form.format(key=key) + "\n"
    put(site, "de/hallo.md", "hello.md", matter=matter)
    put(site, "salut.md", matter=f"lang: fr\n{matter}")
    put(site, "de/other.md", matter=matter.replace("hello", "something else"))
    assert bring(site).counts == {"published": 4}
    assert groups(site) == [{"de/hallo.md", "hello.md", "salut.md"}, {"de/other.md"}]
    assert bring(site).counts == {"duplicate": 4}


def test_the_front_matter_goes_before_the_path(site: Site) -> None:
    streams(site, "de", "fr")
    put(site, "de/a.md", matter="lang: fr\n")
    bring(site)
    assert found(site) == {"de/a.md": "fr"}


SETTINGS = "".join(
    f'[streams.{name}]\nqueue = "q-{name}"\narchive = "a-{name}"\nlocale = "{locale}"\n'
    for name, locale in (("default", "en"), ("german", "de"), ("french", "fr"))
)


@pytest.fixture
def pages(site: Site) -> Site:
    """A site with streams in three locales."""
    site.settings(SETTINGS)
    return site


def put_titled(site: Site, **pages: str) -> None:
    """Write pages, by their names with ``__`` for ``/`` and ``_`` for ``.``."""
    for name, title in pages.items():
        path = site.root / "pages" / f"{name.replace('__', '/').replace('_', '.')}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(title if title.startswith("---") else f"---\ntitle: {title}\n---\nText.\n")


def counts_of(site: Site, *words: str) -> dict[str, int]:
    """What an import of the pages comes to."""
    return site.run(
        "import", "--from-markdown", "pages", "--date", "now", "--stream", "default", "--json", *words
    ).counts


def test_a_page_in_another_locale_is_linked_whatever_comes_first(pages: Site) -> None:
    put_titled(pages, tr="Eng", tr_de="Deu", tr_fr="Fra", bundle__index="One", bundle__index_de="Eins")
    assert counts_of(pages, "--dry-run") == {"published": 5}
    assert counts_of(pages) == {"published": 5}
    assert groups(pages) == [{"Deu", "Eng", "Fra"}, {"Eins", "One"}]
    assert counts_of(pages) == {"duplicate": 5}
    assert counts_of(pages, "--dry-run") == {"duplicate": 5}


def test_the_source_may_have_a_slug_or_an_id_of_its_own(pages: Site) -> None:
    put_titled(pages, a="---\ntitle: A\nslug: hello\n---\nText.\n", a_de="A de")
    put_titled(pages, b="---\ntitle: B\nid: b-1\nslug: bb\n---\nText.\n", b_de="B de")
    assert counts_of(pages, "--dry-run") == counts_of(pages) == {"published": 4}
    assert groups(pages) == [{"A", "A de"}, {"B", "B de"}]


def test_a_page_may_name_the_locale_of_its_stream_too(pages: Site) -> None:
    put_titled(pages, a_en="A", a_de="A de", b_de="B de", b_fr="B fr", c_en="C", c="C too")
    counts = counts_of(pages)
    assert counts == {"published": 5, "conflict": 1}
    assert groups(pages) == [{"A", "A de"}, {"B de", "B fr"}, {"C"}]


def test_a_page_without_its_source_is_published_on_its_own(pages: Site) -> None:
    put_titled(pages, alone_de="Allein", other="Other")
    assert counts_of(pages) == {"published": 2}
    assert groups(pages) == [{"Allein"}, {"Other"}]


def test_a_translation_waits_until_its_source_is_mended(pages: Site) -> None:
    put_titled(pages, a="---\ntitle: A\nstatus: maybe\n---\nText.\n", a_de="A de")
    assert counts_of(pages) == {"rejected": 1, "left": 1}
    put_titled(pages, a="A")
    assert counts_of(pages) == {"published": 2}
    assert groups(pages) == [{"A", "A de"}]


def test_a_translation_that_came_later_is_linked(pages: Site) -> None:
    put_titled(pages, a="A")
    counts_of(pages)
    put_titled(pages, a_de="A de")
    assert counts_of(pages) == {"duplicate": 1, "published": 1}
    assert groups(pages) == [{"A", "A de"}]
