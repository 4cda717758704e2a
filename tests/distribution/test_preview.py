"""`emdash preview`: what each platform would get of a post or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.distribution.test_dry_runs import SETTINGS

if TYPE_CHECKING:
    from tests.harness.site import Site


@pytest.fixture(params=["sqlite", pytest.param("d1", marks=pytest.mark.d1)])
def announcing(request: pytest.FixtureRequest) -> Site:
    """A site with three platforms, on a file and on D1; their secrets are not there."""
    site: Site = request.getfixturevalue("site" if request.param == "sqlite" else "d1_site")
    site.settings(SETTINGS)
    return site


LONG = "Words that do not end. " * 30


@pytest.mark.parametrize("status", ["published", "draft"])
def test_a_post_is_shown_as_each_platform_would_get_it(announcing: Site, status: str) -> None:
    announcing.put("a.json", title="About README.md", social={"x": [f"First. {LONG}", "Last."]}, status=status)
    announcing.publish()
    document = announcing.run("preview", "a", "--json").succeeds().json
    blog, x, engines = document["platforms"]
    assert document["url"].endswith("/posts/a")
    assert (blog["kind"], blog["limit"], blog["parts"][0]["length"]) == ("target", None, None)
    assert '"title":"About README.md"' in blog["parts"][0]["text"]
    assert engines["parts"][0]["text"] == document["url"]
    assert x["limit"] == 280
    assert len(x["parts"]) > 2
    assert all(0 < part["length"] <= 280 for part in x["parts"])
    assert x["cost_usd"] == round(0.015 * len(x["parts"]), 3)
    assert any("no part has a link" in warning for warning in x["warnings"])
    text = announcing.run("preview", "a").succeeds().out
    assert f"x ({len(x['parts'])} parts, {x['cost_usd']:.3f} USD)" in text
    assert f"part 1, {x['parts'][0]['length']} of 280 characters" in text
    assert "warning: no part has a link" in text
    page = announcing.run("preview", "a", "--format", "html").succeeds().out
    assert "no part has a link to the post; {url} stands" in page


def test_one_platform_is_shown_whether_or_not_it_is_chosen(announcing: Site) -> None:
    announcing.put("a.json", platforms=["blog"])
    announcing.publish()
    assert [one["platform"] for one in announcing.run("preview", "a", "--json").json["platforms"]] == ["blog"]
    (x,) = announcing.run("preview", "a", "--platform", "x", "--json").succeeds().json["platforms"]
    assert (x["platform"], x["is_chosen"]) == ("x", False)
    told = announcing.run("preview", "a", "--platform", "x").succeeds()
    assert "the post is not announced there" in told.lines[0]
    announcing.run("preview", "a", "--platform", "y").fails(2, "platform `y` does not exist")


def test_a_post_that_is_announced_nowhere_says_so(announcing: Site) -> None:
    announcing.put("a.json", platforms=[])
    announcing.publish()
    told = announcing.run("preview", "a").succeeds()
    assert (told.out, told.err) == ("", "a is announced on no platform\n")
    announcing.run("preview", "b").fails(3, "there is no post b")


@pytest.mark.parametrize("name", ["a.json", "./a.json"])
def test_a_file_is_shown_without_the_store(site: Site, name: str) -> None:
    site.settings(SETTINGS)
    site.store.unlink()
    site.write("a.json", {"title": "Title", "body_text": "Body.", "social": {"x": "Own words {url}"}})
    document = site.run("preview", name, "--platform", "x", "--json").succeeds().json
    assert document["platforms"][0]["parts"] == [{"text": f"Own words {document['url']}", "length": 39}]
    site.write("b.md", "---\ntitle: From Markdown\n---\n\nBody.\n")
    assert site.run("preview", "b.md", "--json").succeeds().json["title"] == "From Markdown"


def test_a_file_that_cannot_be_published_is_refused_with_all_reasons(site: Site) -> None:
    site.settings(SETTINGS)
    site.write("a.json", {"body_text": ""})
    site.run("preview", "a.json").fails(3, "a.json: ", "title", "body_text")
    site.run("preview", "missing.json").fails(3, "missing.json")


def test_a_platform_that_would_get_nothing_is_reported(site: Site) -> None:
    site.settings(SETTINGS.replace('kind = "x"', 'kind = "x"\ntemplate = "{% if author %}{{ author }}{% endif %}"'))
    site.write("a.json", {"title": "<b>T</b>", "body_text": "b"})
    site.run("preview", "a.json").fails(3, "nothing can be sent: there is no text to send")
    page = site.run("preview", "a.json", "-f", "html").fails(3, "Nothing can be sent").out
    assert "&lt;b&gt;T&lt;/b&gt;" in page
    assert "<b>T" not in page


def test_what_a_terminal_would_obey_is_taken_out(site: Site) -> None:
    site.settings(SETTINGS)
    site.write("a.json", {"title": "T", "body_text": "b", "social": {"x": "Own\x1b[31m words"}})
    assert "\x1b" not in site.run("preview", "a.json").out
