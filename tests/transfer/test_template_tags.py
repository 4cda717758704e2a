"""Template tags in pages that are imported or enqueued: carried out, or reported, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site

HEAD = "---\ntitle: Jekyll\ndate: 2020-01-02\n---\n"
LEFT = 'line 6: "{{ site.author }}" is a Liquid output tag that stays in the text'


def body(site: Site, slug: str) -> str:
    """The text of a post as Markdown."""
    return site.run("show", slug, "--format", "md").out.split("---\n", 2)[2].strip()


def shown(site: Site, slug: str) -> str:
    """The text of a post as readers see it."""
    return site.run("show", slug, "--format", "html").succeeds().out


def imported(site: Site, text: str, name: str = "pages/_posts/2020-01-02-jekyll.md") -> str:
    """The text of the one page of a folder once it is a post; nothing is said of it."""
    site.write(name, HEAD + text)
    said = site.run("import", "--from-markdown", name.partition("/")[0], "--json").succeeds()
    assert [outcome["notices"] for outcome in said.json["outcomes"]] == [[]]
    return body(site, "jekyll")


def test_jekyll(site: Site) -> None:
    text = (
        "{% highlight ruby %}\n# comment\ndef a(b)\n\n  c\nend\n{% endhighlight %}\n\n"
        "## Head {#own}\n\nA [link]({{ site.baseurl }}/y) and [a reference][1].\n{: .note}\n\n[1]: {{ site.url }}/z\n"
    )
    wanted = "```ruby\n# comment\ndef a(b)\n\n  c\nend\n```\n\n## Head\n\nA [link](/y) and [a reference](/z)."
    assert imported(site, text) == wanted


def test_what_readers_should_see_is_seen(site: Site) -> None:
    text = "{% raw %}Write {{ page.title }} and {% if %}.{% endraw %} In code `{% raw %}{{ x }}{% endraw %}`."
    site.write("pages/_posts/2020-01-02-jekyll.md", HEAD + text)
    site.run("import", "--from-markdown", "pages").succeeds()
    assert "Write {{ page.title }} and {% if %}. In code <code>{{ x }}</code>." in shown(site, "jekyll")


def test_what_remains_is_reported_by_file_and_line(site: Site) -> None:
    site.write("pages/a.md", f"{HEAD}Text\nby {{{{ site.author }}}}.\n")
    site.write("pages/b.md", f"{HEAD.replace('Jekyll', 'B')}Text.\n")
    outcomes = site.run("import", "--from-markdown", "pages", "--dry-run", "--json").succeeds().json["outcomes"]
    assert [outcome["outcome"] for outcome in outcomes] == ["published", "published"]
    (notice,) = outcomes[0]["notices"]
    assert notice.startswith(LEFT)
    assert outcomes[1]["notices"] == []
    said = site.run("import", "--from-markdown", "pages").succeeds()
    assert f"a.md: {LEFT}" in said.err


def test_strict_imports_the_others_only(site: Site) -> None:
    site.write("pages/a.md", f"{HEAD}Text\nby {{{{ site.author }}}}.\n")
    site.write("pages/b.md", f"{HEAD.replace('Jekyll', 'B')}Text.\n")
    outcomes = site.run("import", "--from-markdown", "pages", "--strict", "--json").fails(3).json["outcomes"]
    assert [outcome["outcome"] for outcome in outcomes] == ["rejected", "published"]
    assert outcomes[0]["reason"].startswith(LEFT)
    assert site.sql("SELECT slug FROM ec_posts") == [("b",)]


def test_lines_that_end_as_on_windows(site: Site) -> None:
    text = "{% highlight js %}\na\n{% endhighlight %}\n\n\n{{ x }}\n## Head {#id}\n"
    site.write("pages/a.md", ("\n" + HEAD + "\n\n" + text).replace("\n", "\r\n"))
    (outcome,) = site.run("import", "--from-markdown", "pages", "--json").succeeds().json["outcomes"]
    assert outcome["notices"][0].startswith('line 13: "{{ x }}"')
    assert body(site, "a") == "```js\na\n```\n\n{{ x }}\n\n## Head"


def test_many_tags_are_counted(site: Site) -> None:
    site.write("pages/a.md", HEAD + "{{ x }}\n" * 30)
    (outcome,) = site.run("import", "--from-markdown", "pages", "--json").succeeds().json["outcomes"]
    assert len(outcome["notices"]) == 21
    assert outcome["notices"][-1].startswith("10 more template tags remain in the text")


@pytest.mark.parametrize(
    "reference", ["2020-01-02-target", "/target.md", "posts/2020-01-02-target.md", "target", "../posts/target/"]
)
def test_a_reference_leads_to_the_post_of_the_page(site: Site, reference: str) -> None:
    site.write("emdash.toml", 'post_path = "/{locale}/blog/{slug}"\n[streams.default]\nlocale = "en"\n')
    site.write("pages/posts/2020-01-02-target.md", "---\ntitle: Target\nslug: own-slug\n---\nX")
    text = f'[a]({{{{< ref "{reference}" >}}}}) {{% post_link {reference} %}}'
    site.write("pages/posts/a.md", HEAD + text)
    site.run("import", "--from-markdown", "pages").succeeds()
    assert body(site, "a") == "[a](/en/blog/own-slug) [Target](/en/blog/own-slug)"


def test_a_reference_prefers_the_language_of_its_page(site: Site) -> None:
    streams = "".join(f'[streams.{name}]\nlocale = "{name}"\n' for name in ("en", "de"))
    site.write("emdash.toml", f'post_path = "/{{locale}}/{{slug}}"\n{streams}')
    for name, slug in {"target.md": "one", "target.de.md": "eins"}.items():
        site.write(f"pages/{name}", f"---\ntitle: T\ndate: 2020-01-01\nslug: {slug}\n---\nX")
        site.write(f"pages/{name.replace('target', 'a')}", f"{HEAD}[x]({{{{< ref target >}}}})")
    site.run("import", "--from-markdown", "pages", "--stream", "en").succeeds()
    texts = dict(site.sql("SELECT locale, content FROM ec_posts WHERE title = 'Jekyll'"))
    assert "/en/one" in texts["en"]
    assert "/de/eins" in texts["de"]


def test_a_reference_to_no_page_is_reported(site: Site) -> None:
    site.write("pages/a.md", f'{HEAD}[a]({{{{< ref "gone.md" >}}}})')
    (outcome,) = site.run("import", "--from-markdown", "pages", "--json").succeeds().json["outcomes"]
    assert outcome["notices"][0].startswith(
        'line 5: "{{< ref "gone.md" >}}" refers to a page that is not in this folder'
    )


@pytest.mark.parametrize(
    ("settings", "text", "notices"),
    [
        ("hugo.toml", "", 1),
        ("config.toml", "baseURL = 'https://example.org'", 1),
        ("config.yaml", "title: a\nbaseurl: https://example.org", 1),
        ("config.toml", 'base_url = "https://example.org"', 1),
        ("_config.yml", "", 2),
        ("eleventy.config.mjs", "", 3),
        ("astro.config.mjs", "", 0),
        ("package.json", "", 4),
    ],
)
def test_the_settings_of_the_generator_say_what_is_a_tag(site: Site, settings: str, text: str, notices: int) -> None:
    site.write(f"site/{settings}", text)
    site.write("site/content/blog/a.md", f"{HEAD}{{{{< a >}}}} {{{{ b }}}} {{{{ c(d=1) }}}} {{% e %}}\n")
    for folder in ("site/content/blog", "site"):
        (outcome,) = site.run("import", "--from-markdown", folder, "--dry-run", "--json").succeeds().json["outcomes"]
        assert len(outcome["notices"]) == notices


def test_enqueue_reads_the_tags_of_markdown(site: Site) -> None:
    site.write("a.md", f"{HEAD}{{{{< youtube a1 >}}}}\nby {{{{ site.author }}}}.\n")
    said = site.run("enqueue", "a.md").succeeds()
    assert f"a.md: {LEFT}" in said.err
    assert (
        '"<https://www.youtube.com/watch?v=a1>\\nby {{ site.author }}."'
        in (site.root / "queue/01-jekyll.json").read_text()
    )


@pytest.mark.parametrize(
    "command", [("import", "--from-markdown", "pages", "--json"), ("enqueue", "pages/a.mdx", "--json")]
)
def test_components_in_mdx_alone(site: Site, command: tuple[str, ...]) -> None:
    text = "import { Box } from 'b'\n\nA {/* c */}<Box>b</Box> {{ d }}\n"
    site.write("pages/a.mdx", HEAD + text)
    site.write("pages/b.md", HEAD.replace("Jekyll", "B") + "`<Box>` {/* e */}\n")
    said = site.run(*command).succeeds().json
    notices = (said.get("outcomes") or said["queued"])[0]["notices"]
    assert [notice.partition(" is ")[0] for notice in notices] == ['line 7: "<Box>"', 'line 7: "{{ d }}"']
    if command[0] == "enqueue":
        site.run("publish-queue").succeeds()
    slug = site.sql("SELECT slug FROM ec_posts WHERE title = 'Jekyll'")[0][0]
    assert body(site, slug) == "A b {{ d }}"


def test_enqueue_refuses_them_if_strict(site: Site) -> None:
    site.write("a.md", f"{HEAD}Text\nby {{{{ site.author }}}}.\n")
    assert LEFT in site.run("enqueue", "a.md", "--strict").fails(3).err
    assert site.files("queue") == []


TEXT = "A {{ page.title }}\\n{% highlight x %}\\n`{{ y }}`\\n{: .z}\\n\\n```\\n{{ c }}\\n```"
JSON = f'{{"title": "T",\n "content": "{TEXT}"}}'


def test_a_queue_file_is_published_as_it_is_and_its_tags_reported(site: Site) -> None:
    site.write("queue/1.json", JSON)
    (outcome,) = site.run("publish-queue", "--json").succeeds().json["outcomes"]
    assert [notice.partition(" stays")[0] for notice in outcome["notices"]] == [
        'line 2, content: "{{ page.title }}" in line 1 of the text is a Liquid output tag that',
        'line 2, content: "{% highlight x %}" in line 2 of the text is a Liquid tag that',
        'line 2, content: "{: .z}" in line 4 of the text is a kramdown tag that',
    ]
    assert "A {{ page.title }} {% highlight x %}" in shown(site, outcome["slug"])


def test_a_strict_queue_rejects_it(site: Site) -> None:
    site.write("queue/1.json", JSON)
    (outcome,) = site.run("publish-queue", "--strict", "--json").fails(3).json["outcomes"]
    assert outcome["outcome"] == "rejected"
    assert "{{ page.title }}" in outcome["reason"]


def test_an_export_is_from_no_generator(site: Site) -> None:
    site.write("queue/1.json", '{"title": "T", "slug": "t", "body_text": "A {{ page.title }} {% raw %}b{% endraw %}"}')
    site.run("publish-queue").succeeds()
    before = body(site, "t")
    site.run("export", "out", "--format", "md").succeeds()
    site.sql("DELETE FROM ec_posts")
    site.sql("DELETE FROM publish_ledger")
    (outcome,) = site.run("import", "--from-markdown", "out", "--json").succeeds().json["outcomes"]
    assert outcome["notices"] == []
    assert body(site, "t") == before
