"""`emdash import --from-markdown`: pages whose path names a locale are translations of the page without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site

SETTINGS = "".join(
    f'[streams.{name}]\nqueue = "q-{name}"\narchive = "a-{name}"\nlocale = "{locale}"\n'
    for name, locale in (("default", "en"), ("german", "de"), ("french", "fr"))
)


@pytest.fixture
def pages(site: Site) -> Site:
    """A site with streams in three locales."""
    site.settings(SETTINGS)
    return site


def put(site: Site, **pages: str) -> None:
    """Write pages, by their names with ``__`` for ``/`` and ``_`` for ``.``."""
    for name, title in pages.items():
        path = site.root / "pages" / f"{name.replace('__', '/').replace('_', '.')}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(title if title.startswith("---") else f"---\ntitle: {title}\n---\nText.\n")


def bring(site: Site, *words: str) -> dict[str, int]:
    return site.run(
        "import", "--from-markdown", "pages", "--date", "now", "--stream", "default", "--json", *words
    ).counts


def groups(site: Site) -> list[set[str]]:
    found: dict[str, set[str]] = {}
    for group, title in site.sql("SELECT translation_group, title FROM ec_posts"):
        found.setdefault(group, set()).add(title)
    return sorted(found.values(), key=sorted)


def test_a_page_in_another_locale_is_linked_whatever_comes_first(pages: Site) -> None:
    put(pages, tr="Eng", tr_de="Deu", tr_fr="Fra", bundle__index="One", bundle__index_de="Eins")
    assert bring(pages, "--dry-run") == {"published": 5}
    assert bring(pages) == {"published": 5}
    assert groups(pages) == [{"Deu", "Eng", "Fra"}, {"Eins", "One"}]
    assert bring(pages) == {"duplicate": 5}
    assert bring(pages, "--dry-run") == {"duplicate": 5}


def test_the_source_may_have_a_slug_or_an_id_of_its_own(pages: Site) -> None:
    put(pages, a="---\ntitle: A\nslug: hello\n---\nText.\n", a_de="A de")
    put(pages, b="---\ntitle: B\nid: b-1\nslug: bb\n---\nText.\n", b_de="B de")
    assert bring(pages, "--dry-run") == bring(pages) == {"published": 4}
    assert groups(pages) == [{"A", "A de"}, {"B", "B de"}]


def test_a_page_may_name_the_locale_of_its_stream_too(pages: Site) -> None:
    put(pages, a_en="A", a_de="A de", b_de="B de", b_fr="B fr", c_en="C", c="C too")
    counts = bring(pages)
    assert counts == {"published": 5, "conflict": 1}
    assert groups(pages) == [{"A", "A de"}, {"B de", "B fr"}, {"C"}]


def test_a_page_without_its_source_is_published_on_its_own(pages: Site) -> None:
    put(pages, alone_de="Allein", other="Other")
    assert bring(pages) == {"published": 2}
    assert groups(pages) == [{"Allein"}, {"Other"}]


def test_a_translation_waits_until_its_source_is_mended(pages: Site) -> None:
    put(pages, a="---\ntitle: A\nstatus: maybe\n---\nText.\n", a_de="A de")
    assert bring(pages) == {"rejected": 1, "left": 1}
    put(pages, a="A")
    assert bring(pages) == {"published": 2}
    assert groups(pages) == [{"A", "A de"}]


def test_a_translation_that_came_later_is_linked(pages: Site) -> None:
    put(pages, a="A")
    bring(pages)
    put(pages, a_de="A de")
    assert bring(pages) == {"duplicate": 1, "published": 1}
    assert groups(pages) == [{"A", "A de"}]
