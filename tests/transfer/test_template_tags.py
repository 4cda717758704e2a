"""Template tags in pages that are imported or enqueued: carried out, or reported, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.cli import Cli

HEAD = "---\ntitle: Jekyll\ndate: 2020-01-02\n---\n"
LEFT = 'line 6: "{{ site.author }}" is a Liquid output tag that stays in the text'


def body(blog: Cli, slug: str) -> str:
    """The text of a post as Markdown."""
    return blog("show", slug, "--format", "md").out.split("---\n", 2)[2].strip()


def shown(blog: Cli, slug: str) -> str:
    """The text of a post as readers see it."""
    return blog("show", slug, "--format", "html").succeeds().out


def imported(blog: Cli, text: str, name: str = "pages/_posts/2020-01-02-jekyll.md") -> str:
    """The text of the one page of a folder once it is a post; nothing is said of it."""
    blog.write(name, HEAD + text)
    said = blog("import", "--from-markdown", name.partition("/")[0], "--json").succeeds()
    assert [outcome["notices"] for outcome in said.json["outcomes"]] == [[]]
    return body(blog, "jekyll")


def test_jekyll(blog: Cli) -> None:
    text = (
        "{% highlight ruby %}\n# comment\ndef a(b)\n\n  c\nend\n{% endhighlight %}\n\n"
        "## Head {#own}\n\nA [link]({{ site.baseurl }}/y) and [a reference][1].\n{: .note}\n\n[1]: {{ site.url }}/z\n"
    )
    wanted = "```ruby\n# comment\ndef a(b)\n\n  c\nend\n```\n\n## Head\n\nA [link](/y) and [a reference](/z)."
    assert imported(blog, text) == wanted


def test_what_readers_should_see_is_seen(blog: Cli) -> None:
    text = "{% raw %}Write {{ page.title }} and {% if %}.{% endraw %} In code `{% raw %}{{ x }}{% endraw %}`."
    blog.write("pages/_posts/2020-01-02-jekyll.md", HEAD + text)
    blog("import", "--from-markdown", "pages").succeeds()
    assert "Write {{ page.title }} and {% if %}. In code <code>{{ x }}</code>." in shown(blog, "jekyll")


def test_what_remains_is_reported_by_file_and_line(blog: Cli) -> None:
    blog.write("pages/a.md", f"{HEAD}Text\nby {{{{ site.author }}}}.\n")
    blog.write("pages/b.md", f"{HEAD.replace('Jekyll', 'B')}Text.\n")
    outcomes = blog("import", "--from-markdown", "pages", "--dry-run", "--json").succeeds().json["outcomes"]
    assert [outcome["outcome"] for outcome in outcomes] == ["published", "published"]
    (notice,) = outcomes[0]["notices"]
    assert notice.startswith(LEFT)
    assert outcomes[1]["notices"] == []
    said = blog("import", "--from-markdown", "pages").succeeds()
    assert f"a.md: {LEFT}" in said.err


def test_strict_imports_the_others_only(blog: Cli) -> None:
    blog.write("pages/a.md", f"{HEAD}Text\nby {{{{ site.author }}}}.\n")
    blog.write("pages/b.md", f"{HEAD.replace('Jekyll', 'B')}Text.\n")
    outcomes = blog("import", "--from-markdown", "pages", "--strict", "--json").fails(3).json["outcomes"]
    assert [outcome["outcome"] for outcome in outcomes] == ["rejected", "published"]
    assert outcomes[0]["reason"].startswith(LEFT)
    assert blog.sql("SELECT slug FROM ec_posts") == [("b",)]


def test_lines_that_end_as_on_windows(blog: Cli) -> None:
    text = "{% highlight js %}\na\n{% endhighlight %}\n\n\n{{ x }}\n## Head {#id}\n"
    blog.write("pages/a.md", ("\n" + HEAD + "\n\n" + text).replace("\n", "\r\n"))
    (outcome,) = blog("import", "--from-markdown", "pages", "--json").succeeds().json["outcomes"]
    assert outcome["notices"][0].startswith('line 13: "{{ x }}"')
    assert body(blog, "a") == "```js\na\n```\n\n{{ x }}\n\n## Head"


def test_many_tags_are_counted(blog: Cli) -> None:
    blog.write("pages/a.md", HEAD + "{{ x }}\n" * 30)
    (outcome,) = blog("import", "--from-markdown", "pages", "--json").succeeds().json["outcomes"]
    assert len(outcome["notices"]) == 21
    assert outcome["notices"][-1].startswith("10 more template tags stay in the text")


@pytest.mark.parametrize(
    "reference", ["2020-01-02-target", "/target.md", "posts/2020-01-02-target.md", "target", "../posts/target/"]
)
def test_a_reference_leads_to_the_post_of_the_page(blog: Cli, reference: str) -> None:
    blog.write("emdash.toml", 'post_path = "/{locale}/blog/{slug}"\n[streams.default]\nlocale = "en"\n')
    blog.write("pages/posts/2020-01-02-target.md", "---\ntitle: Target\nslug: own-slug\n---\nX")
    text = f'[a]({{{{< ref "{reference}" >}}}}) {{% post_link {reference} %}}'
    blog.write("pages/posts/a.md", HEAD + text)
    blog("import", "--from-markdown", "pages").succeeds()
    assert body(blog, "a") == "[a](/en/blog/own-slug) [Target](/en/blog/own-slug)"


def test_a_reference_prefers_the_language_of_its_page(blog: Cli) -> None:
    streams = "".join(f'[streams.{name}]\nlocale = "{name}"\n' for name in ("en", "de"))
    blog.write("emdash.toml", f'post_path = "/{{locale}}/{{slug}}"\n{streams}')
    for name, slug in {"target.md": "one", "target.de.md": "eins"}.items():
        blog.write(f"pages/{name}", f"---\ntitle: T\ndate: 2020-01-01\nslug: {slug}\n---\nX")
        blog.write(f"pages/{name.replace('target', 'a')}", f"{HEAD}[x]({{{{< ref target >}}}})")
    blog("import", "--from-markdown", "pages", "--stream", "en").succeeds()
    texts = dict(blog.sql("SELECT locale, content FROM ec_posts WHERE title = 'Jekyll'"))
    assert "/en/one" in texts["en"]
    assert "/de/eins" in texts["de"]


def test_a_reference_to_no_page_is_reported(blog: Cli) -> None:
    blog.write("pages/a.md", f'{HEAD}[a]({{{{< ref "gone.md" >}}}})')
    (outcome,) = blog("import", "--from-markdown", "pages", "--json").succeeds().json["outcomes"]
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
def test_the_settings_of_the_generator_say_what_is_a_tag(blog: Cli, settings: str, text: str, notices: int) -> None:
    blog.write(f"site/{settings}", text)
    blog.write("site/content/blog/a.md", f"{HEAD}{{{{< a >}}}} {{{{ b }}}} {{{{ c(d=1) }}}} {{% e %}}\n")
    for folder in ("site/content/blog", "site"):
        (outcome,) = blog("import", "--from-markdown", folder, "--dry-run", "--json").succeeds().json["outcomes"]
        assert len(outcome["notices"]) == notices


def test_enqueue_reads_the_tags_of_markdown(blog: Cli) -> None:
    blog.write("a.md", f"{HEAD}{{{{< youtube a1 >}}}}\nby {{{{ site.author }}}}.\n")
    said = blog("enqueue", "a.md").succeeds()
    assert f"a.md: {LEFT}" in said.err
    assert (
        '"<https://www.youtube.com/watch?v=a1>\\nby {{ site.author }}."'
        in (blog.root / "queue/01-jekyll.json").read_text()
    )


@pytest.mark.parametrize(
    "command", [("import", "--from-markdown", "pages", "--json"), ("enqueue", "pages/a.mdx", "--json")]
)
def test_components_in_mdx_alone(blog: Cli, command: tuple[str, ...]) -> None:
    text = "import { Box } from 'b'\n\nA {/* c */}<Box>b</Box> {{ d }}\n"
    blog.write("pages/a.mdx", HEAD + text)
    blog.write("pages/b.md", HEAD.replace("Jekyll", "B") + "`<Box>` {/* e */}\n")
    said = blog(*command).succeeds().json
    notices = (said.get("outcomes") or said["queued"])[0]["notices"]
    assert [notice.partition(" is ")[0] for notice in notices] == ['line 7: "<Box>"', 'line 7: "{{ d }}"']
    if command[0] == "enqueue":
        blog("publish-queue").succeeds()
    slug = blog.sql("SELECT slug FROM ec_posts WHERE title = 'Jekyll'")[0][0]
    assert body(blog, slug) == "A b {{ d }}"


def test_enqueue_refuses_them_if_strict(blog: Cli) -> None:
    blog.write("a.md", f"{HEAD}Text\nby {{{{ site.author }}}}.\n")
    assert LEFT in blog("enqueue", "a.md", "--strict").fails(3).err
    assert blog.files("queue") == []


TEXT = "A {{ page.title }}\\n{% highlight x %}\\n`{{ y }}`\\n{: .z}\\n\\n```\\n{{ c }}\\n```"
JSON = f'{{"title": "T",\n "content": "{TEXT}"}}'


def test_a_queue_file_is_published_as_it_is_and_its_tags_reported(blog: Cli) -> None:
    blog.write("queue/1.json", JSON)
    (outcome,) = blog("publish-queue", "--json").succeeds().json["outcomes"]
    assert [notice.partition(" stays")[0] for notice in outcome["notices"]] == [
        'line 2, content: "{{ page.title }}" in line 1 of the text is a Liquid output tag that',
        'line 2, content: "{% highlight x %}" in line 2 of the text is a Liquid tag that',
        'line 2, content: "{: .z}" in line 4 of the text is a kramdown tag that',
    ]
    assert "A {{ page.title }} {% highlight x %}" in shown(blog, outcome["slug"])


def test_a_strict_queue_rejects_it(blog: Cli) -> None:
    blog.write("queue/1.json", JSON)
    (outcome,) = blog("publish-queue", "--strict", "--json").fails(3).json["outcomes"]
    assert outcome["outcome"] == "rejected"
    assert "{{ page.title }}" in outcome["reason"]


def test_an_export_is_from_no_generator(blog: Cli) -> None:
    blog.write("queue/1.json", '{"title": "T", "slug": "t", "body_text": "A {{ page.title }} {% raw %}b{% endraw %}"}')
    blog("publish-queue").succeeds()
    before = body(blog, "t")
    blog("export", "out", "--format", "md").succeeds()
    blog.sql("DELETE FROM ec_posts")
    blog.sql("DELETE FROM publish_ledger")
    (outcome,) = blog("import", "--from-markdown", "out", "--json").succeeds().json["outcomes"]
    assert outcome["notices"] == []
    assert body(blog, "t") == before
