"""`emdash import --from-markdown`: which files of a site's folder are articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.site import Site


def taken(site: Site, *paths: str) -> list[str]:
    """The files that an import takes, of those that are at the paths; each is another article."""
    for number, name in enumerate(paths):
        path = site.root / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\ntitle: Page {number}\n---\nText.\n" if name.lower().endswith("md") else "")
    ran = site.run("import", "--from-markdown", "pages", "--date", "now", "--json")
    assert ran.code == 0, ran.err
    return sorted(ran.outcomes)


def test_of_a_jekyll_site_only_posts_and_drafts(site: Site) -> None:
    posts = ["_drafts/idea.md", "_posts/2024-01-02-a.md", "_posts/sub/2024-01-03-b.md", "news/_posts/2024-01-04-c.md"]
    others = ["README.md", "about.md", "index.md", "_config.yml", "_site/x.md", "_includes/x.md", "_layouts/y.md"]
    theme = ["vendor/bundle/gems/jekyll-4/lib/site_template/_posts/2024-01-01-welcome.md", "docs/z.md"]
    assert taken(site, *posts, *others, *theme) == posts


def test_of_a_hugo_site_what_is_no_part_of_its_theme(site: Site) -> None:
    pages = ["content/about.md", "content/posts/a.md", "content/themes/dark.md"]
    others = ["hugo.toml", "README.md", "archetypes/default.md", "themes/ananke/readme.md", "public/x.md"]
    assert taken(site, *pages, *others, "layouts/z.md", "vendor/v.md", "content/_index.md") == pages


def test_folders_of_such_names_are_sections_where_no_generator_is(site: Site) -> None:
    pages = ["layouts/grid.md", "public/talk.md", "themes/dark.md", "vendor/list.md"]
    others = ["node_modules/p/a.md", "_data/d.md", "_sass/s.md", ".hidden/h.md", ".b.md"]
    assert taken(site, *pages, *others, "ReadMe.md") == pages


def test_of_a_bundle_only_its_index(site: Site) -> None:
    pages = ["bundle/index.de.md", "bundle/index.md", "index.md", "other.md"]
    assert taken(site, *pages, "bundle/notes.md", "bundle/photo.MD") == pages


def test_letters_of_the_ending_do_not_matter(site: Site) -> None:
    assert taken(site, "NAME.MD", "Other.Markdown.Md") == ["NAME.MD", "Other.Markdown.Md"]


def test_a_readme_further_down_is_an_article(site: Site) -> None:
    assert taken(site, "posts/readme.md") == ["posts/readme.md"]
