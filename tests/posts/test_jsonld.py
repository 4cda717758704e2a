"""`emdash jsonld`: what search engines are told of a post."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.posts.jsonld import count_words

if TYPE_CHECKING:
    from tests.harness.d1_site import D1Site
    from tests.harness.site import Site

SETTINGS = 'site_url = "https://blog.example"\ntimezone = "Europe/Berlin"\n[streams.default]\nslug = "{name}"\n'
FIELDS: dict[str, Any] = {
    "title": "Edge </script> caching",
    "body_text": "Two *short* words, don't you think?\n",
    "excerpt": "Short.",
    "tags": ["Cache", "Edge"],
    "category": "News",
    "author": "Ada",
    "featured_image": "/pictures/a.png",
    "seo": {"image": "https://cdn.example/og.png", "description": "For search."},
    "publish_at": "2026-06-01T07:00:00Z",
}


def published(site: Site, **fields: Any) -> Site:
    site.settings(SETTINGS)
    site.put("a.json", **{**FIELDS, **fields})
    assert site.publish().code == 0
    site.sql("UPDATE _emdash_bylines SET website_url = 'https://ada.example'")
    return site


def told(site: Site, *options: str) -> Any:
    return json.loads(site.run("jsonld", "a", *options).succeeds().out)


def test_it_has_the_whole_graph(site: Site) -> None:
    assert told(published(site)) == {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": "Edge </script> caching",
        "description": "For search.",
        "image": ["https://cdn.example/og.png", "https://blog.example/pictures/a.png"],
        "datePublished": "2026-06-01T09:00:00+02:00",
        "author": [{"@type": "Person", "name": "Ada", "url": "https://ada.example"}],
        "publisher": {"@type": "Organization", "name": "blog.example", "url": "https://blog.example"},
        "mainEntityOfPage": {"@type": "WebPage", "@id": "https://blog.example/posts/a"},
        "url": "https://blog.example/posts/a",
        "keywords": ["Cache", "Edge"],
        "articleSection": ["News"],
        "inLanguage": "en",
        "wordCount": 6,
    }
    assert told(site, "--publisher", "Example Ltd")["publisher"]["name"] == "Example Ltd"


def test_it_is_the_same_on_d1(d1_site: D1Site) -> None:
    found = told(published(d1_site))
    assert (found["datePublished"], "dateModified" in found) == ("2026-06-01T09:00:00+02:00", False)


def test_a_script_ends_where_it_should(site: Site) -> None:
    out = published(site).run("jsonld", "a", "--script").succeeds().out
    assert out.startswith('<script type="application/ld+json">\n')
    assert out.count("</script>") == 1


def test_another_tag_does_not_make_it_modified(site: Site) -> None:
    published(site).run("edit", "a", "--tag", "Other").succeeds()
    found = told(site)
    assert found["keywords"] == ["Other"]
    assert "dateModified" not in found


def test_another_picture_does_not_make_it_modified(site: Site) -> None:
    published(site).run("edit", "a", "--image", "/b.png").succeeds()
    site.run("schedule", "a", "--at", "now").succeeds()
    site.run("sweep").succeeds()
    found = told(site)
    assert found["image"][1] == "https://blog.example/b.png"
    assert "dateModified" not in found


def test_it_is_modified_when_readers_get_another_text(site: Site) -> None:
    published(site).run("edit", "a", "--title", "Another").succeeds()
    assert "dateModified" not in told(site), "a draft"
    site.run("schedule", "a", "--at", "now").succeeds()
    site.run("sweep").succeeds()
    [(at,)] = site.sql(
        "SELECT at FROM pipeline_audit WHERE action = 'published' AND detail ->> 'status_before' = 'published'"
    )
    modified = told(site)["dateModified"]
    assert modified[:10] == at[:10]
    assert modified.endswith(("+01:00", "+02:00"))
    site.run("edit", "a", "--tag", "Later").succeeds()
    assert told(site)["dateModified"] == modified


def test_what_has_no_value_is_left_out(site: Site) -> None:
    found = told(
        published(site, excerpt=None, tags=[], category=None, author=None, featured_image=None, seo=None, title="T")
    )
    assert not {"image", "keywords", "articleSection", "dateModified"} & set(found)


def test_what_is_not_public_has_none(site: Site) -> None:
    published(site, status="draft", publish_at=None).run("jsonld", "a").fails(3, "not public", "draft")
    site.run("jsonld", "b").fails(3)


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("one, two", 2), ("don't well-known", 2), ("漢字かな", 4), ("a — b", 2), ("Ümläut", 1)]
)
def test_words_are_counted(text: str, count: int) -> None:
    assert count_words(text) == count
