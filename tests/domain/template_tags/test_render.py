"""What template tags become, by the forms that the documentation of each generator gives."""

from __future__ import annotations

import pytest

from emdash_cli.domain.article import PostPath
from emdash_cli.domain.template_tags import ByName, Context, Generator, render

FRONT_MATTER = {"title": "The title", "video": "dQw4w9WgXcQ", "cover": {"alt": "An alt"}, "count": 3, "draft": True}


def rendered(text: str, generator: Generator = Generator.UNKNOWN, **more: object) -> str:
    """The text with its tags read, none of which may remain."""
    found = render(text, Context(generator, variables=FRONT_MATTER, **more))  # type: ignore[arg-type]
    assert found.remaining == (), found.remaining
    return found.markdown


def left(text: str, generator: Generator = Generator.UNKNOWN) -> list[tuple[int, str]]:
    """The tags that remain in a text, which is not changed."""
    found = render(text, Context(generator))
    assert found.markdown == text
    return [(tag.line, tag.text) for tag in found.remaining]


CODE = "```ruby\ndef a(b)\n\n  b # {{ c }}\nend\n```"
BODY = "\ndef a(b)\n\n  b # {{ c }}\nend\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{{% highlight ruby %}}{BODY}{{% endhighlight %}}",
        f"{{%- highlight ruby linenos -%}}{BODY}{{%- endhighlight -%}}",
        f'{{% highlight ruby hl_lines="1 2" %}}{BODY}{{% endhighlight %}}',
        f'{{{{< highlight ruby "linenos=table,hl_lines=2 3-4,linenostart=7" >}}}}{BODY}{{{{< /highlight >}}}}',
        f"{{{{% highlight ruby %}}}}{BODY}{{{{% /highlight %}}}}",
        f'{{{{< highlight lang="ruby" >}}}}{BODY}{{{{< / highlight >}}}}',
        f'{{% highlight "ruby 0 2-3" %}}{BODY}{{% endhighlight %}}',
        f"{{% highlight ruby/2-3 %}}{BODY}{{% endhighlight %}}",
        f"{{% codeblock lang:ruby line_number:false %}}{BODY}{{% endcodeblock %}}",
        f"{{% code lang:ruby %}}{BODY}{{% endcode %}}",
    ],
)
def test_code(text: str) -> None:
    assert rendered(text) == CODE
    assert rendered(f"A\n\n{text}\n\nB") == f"A\n\n{CODE}\n\nB"
    assert rendered(f"A\n{text}\nB").split() == ["A", *CODE.split(), "B"]


def test_code_within_a_list_stays_there() -> None:
    text = "1. one\n\n   {% highlight js %}\n   a\n     b\n   {% endhighlight %}\n2. two\n"
    assert rendered(text) == "1. one\n\n   ```js\n   a\n     b\n   ```\n\n2. two\n"


def test_a_fence_is_longer_than_those_in_the_code() -> None:
    assert rendered("{% highlight md %}\n```\na\n```\n{% endhighlight %}") == "````md\n```\na\n```\n````"


def test_the_title_of_code() -> None:
    text = "{% codeblock An app lang:js https://example.org/a.js download %}\nalert()\n{% endcodeblock %}"
    assert rendered(text) == '```js title="An app"\nalert()\n```'


def test_highlighted_words_in_a_line() -> None:
    assert rendered("A {{< highlight go hl_inline=true >}}b := c{{< /highlight >}} d") == "A `b := c` d"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[a]({{ site.baseurl }}/y)", "[a](/y)"),
        ("![a]({{site.baseurl}}/a.png)", "![a](/a.png)"),
        ("[1]: {{ site.url }}{{ site.baseurl }}/z", "[1]: /z"),
        ("[a]({{ site.url }})", "[a](/)"),
        ("See <{{ site.url }}/y>.", "See [/y](/y)."),
        ("<{{ site.url }}{{ site.baseurl }}/a/b?c#d> e", "[/a/b?c#d](/a/b?c#d) e"),
        ("<{{ site.baseurl }}>", "[/](/)"),
        ("`<{{ site.url }}/y>`", "`<{{ site.url }}/y>`"),
        ("[a](<{{ site.baseurl }}/a b>)", "[a](</a b>)"),
        ("[a]({{ '/y' | relative_url }})", "[a](/y)"),
        ('[a]({{ "y" | absolute_url }})', "[a](/y)"),
        ("[a]({{ '/y' | prepend: site.baseurl | prepend: site.url }})", "[a](/y)"),
        ("[a]({{ '/y' | url }})", "[a](/y)"),
        ("[a]({{ site.baseurl | append: '/y' }})", "[a](/y)"),
        ('[a]({{ "https://example.org/a" | our_filter(true) }})', "[a](https://example.org/a)"),
        ('<a href="{{ site.baseurl }}/y">a</a>', '<a href="/y">a</a>'),
        ("<img src='{{ \"/a.png\" | relative_url }}'>", "<img src='/a.png'>"),
        ("[a]({{ site.baseurl }}{% post_url 2010-07-21-name %})", "[a](/posts/name)"),
        ("[a]({{ site.baseurl }}/{% post_url sub/2010-07-21-name %}#b)", "[a](/posts/name#b)"),
        ("[a]({% link _posts/2016-07-26-name.md %})", "[a](/posts/name)"),
        ("[a]({% link news/index.html %})", "[a](/news/)"),
        ("[a]({% link /assets/a.pdf %})", "[a](/assets/a.pdf)"),
        ('[a]({{< ref "name.md#b" >}})', "[a](/posts/name#b)"),
        ('[a]({{< relref "/blog/name/index.md" >}})', "[a](/posts/name)"),
        ('[a]({{% relref path="name.md" lang="en" %}})', "[a](/posts/name)"),
        ('[a]({{< ref "#b" >}})', "[a](#b)"),
        ("[a](@/blog/2024-05-31-name.md#b)", "[a](/posts/name#b)"),
        ("[a]: @/blog/name/index.md", "[a]: /posts/name"),
        ("{% post_link name %}", "[name](/posts/name)"),
        ("{% post_link name 'A title' %}", "[A title](/posts/name)"),
        ("{% post_link name A title true %}", "[A title](/posts/name)"),
        ("{% link A text https://example.org true %}", "[A text](https://example.org)"),
    ],
)
def test_addresses(text: str, wanted: str) -> None:
    assert rendered(text) == wanted


def test_pages_are_where_the_settings_say() -> None:
    pages = ByName(PostPath("/{locale}/blog/{slug}/"), "de")
    assert rendered("[a]({{< ref name >}})", pages=pages) == "[a](/de/blog/name/)"


def test_the_url_of_the_site_outside_of_an_address() -> None:
    assert rendered("At {{ site.url }}/feed.xml", site_url="https://example.org") == "At https://example.org/feed.xml"
    assert left("At {{ site.url }}/feed.xml") == [(1, "{{ site.url }}")]


VIDEO = "<https://www.youtube.com/watch?v=dQw4w9WgXcQ>"
IMAGE = '![A cat](/a.png "The cap")'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('{{< figure src="/a.png" alt="A cat" caption="The cap" >}}', IMAGE),
        ("{{< figure src=`/a.png` alt='A cat' caption=\"The cap\" class=wide />}}".replace("'", '"'), IMAGE),
        ('{{< figure\n  src="/a.png"\n  alt="A cat"\n  caption="The cap"\n>}}', IMAGE),
        ('{{< figure src="/a.png" alt="A cat" title="The" caption="cap" >}}', IMAGE),
        ('{{< figure src="/a.png" alt="A cat" caption="The cap" >}}{{< /figure >}}', IMAGE),
        ('{% include figure.html src="/a.png" alt="A cat" caption="The cap" %}', IMAGE),
        ('{% include image.html url="/a.png" alt="A cat" description="The cap" %}', IMAGE),
        ('{% include figure image_path="{{ site.baseurl }}/a.png" alt="A cat" caption="The cap" %}', IMAGE),
        ('{{ figure(src="/a.png", alt="A cat", caption="The cap") }}', IMAGE),
        ('{% figure caption:"The cap" %}![A cat](/a.png){% endfigure %}', IMAGE),
        ('{% figure caption:"Two" %}\n![A](/a.png) ![B](/b.png)\n{% endfigure %}', "![A](/a.png) ![B](/b.png)\n\nTwo"),
        ('{% figure caption:"Two" %}\n{% youtube dQw4w9WgXcQ %}\n{% endfigure %}', f"{VIDEO}\n\nTwo"),
        ('{% image "/a.png", "A cat" %}', "![A cat](/a.png)"),
        ('{% img left /a.png 300 200 "The cap" "A cat" %}', IMAGE),
        ('{% img /a.png 300 \'"The cap" "A cat"\' %}', IMAGE),
        ("{% asset_img a.png The cap %}", '![The cap](a.png "The cap")'),
        ("{% asset_img a.png %}", "![](a.png)"),
        ('{{< figure src="/a.png" link="https://example.org" >}}', "[![](/a.png)](https://example.org)"),
        ('{{< figure src="/a b.png" alt="[A]" >}}', r"![\[A\]](</a b.png>)"),
    ],
)
def test_images(text: str, wanted: str) -> None:
    assert rendered(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{{< youtube dQw4w9WgXcQ >}}", VIDEO),
        ('{{< youtube id="dQw4w9WgXcQ" autoplay="true" >}}', VIDEO),
        ("{% youtube dQw4w9WgXcQ %}", VIDEO),
        ('{% youtube "dQw4w9WgXcQ" %}', VIDEO),
        ('{{ youtube(id="dQw4w9WgXcQ", autoplay=true) }}', VIDEO),
        ('{% include youtube.html id="dQw4w9WgXcQ" %}', VIDEO),
        ("{% include youtubePlayer.html id=page.video %}", VIDEO),
        ("{% youtube https://youtu.be/dQw4w9WgXcQ %}", "<https://youtu.be/dQw4w9WgXcQ>"),
        ("{{< vimeo 55073825 >}}", "<https://vimeo.com/55073825>"),
        ("{{< instagram CxOWiQNP2MO >}}", "<https://www.instagram.com/p/CxOWiQNP2MO/>"),
        ("{{< gist spf13 7896402 >}}", "<https://gist.github.com/spf13/7896402>"),
        ('{{< gist spf13 7896402 "img.html" >}}', "<https://gist.github.com/spf13/7896402>"),
        ("{% gist parkr/c08ee0f2726fd0e3909d %}", "<https://gist.github.com/parkr/c08ee0f2726fd0e3909d>"),
        ("{% gist 5b3d7d1 a.rb %}", "<https://gist.github.com/5b3d7d1>"),
        ('{{< tweet user="SanDiegoZoo" id="1453110110599868418" >}}', "<https://x.com/SanDiegoZoo/status/1453110110599868418>"),
        ("{{< tweet 877500564405444608 >}}", "<https://x.com/i/web/status/877500564405444608>"),
        ("{% twitter https://twitter.com/a/status/1 %}", "<https://twitter.com/a/status/1>"),
        ('{% youtubeEmbed "dQw4w9WgXcQ" %}', VIDEO),
        ('{% include embed-youtube.html id="dQw4w9WgXcQ" %}', VIDEO),
        ("{% iframe https://example.org/a 10 10 %}", "<https://example.org/a>"),
    ],
)  # fmt: skip
def test_what_is_elsewhere_becomes_a_link(text: str, wanted: str) -> None:
    assert rendered(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{% blockquote %}\nA\n\nB\n{% endblockquote %}", "> A\n>\n> B"),
        ("{% blockquote Ada, Notes %}\nA\n{% endblockquote %}", "> A\n>\n> — Ada, Notes"),
        ("{% quote Ada https://example.org/a Her notes %}\nA\n{% endquote %}", "> A\n>\n> — Ada [Her notes](https://example.org/a)"),
        ('{% quote(author="Ada") %}\nA\n{% end %}', "> A\n>\n> — Ada"),
        ("{{< notice tip >}}\nA {{< youtube a1 >}}\n{{< /notice >}}", "> A <https://www.youtube.com/watch?v=a1>"),
        ('{{% alert title="Hm" %}}A{{% /alert %}}', "> **Hm**\n>\n> A"),
        ('{{< details summary="More" >}}\nA\n{{< /details >}}', "**More**\n\nA"),
        ("A\n{% comment %}\n{{ x }}\n{% endcomment %}\nB", "A\nB"),
        ("A {# {{ x }} #}B {% # no %}C", "A B C"),
        ("A\n{{< comment >}}x{{< /comment >}}\nB", "A\nB"),
        ("{{< note >}}A {{< note >}}B{{< /note >}}{{< /note >}}", "> A\n>\n> > B"),
    ],
)  # fmt: skip
def test_pairs(text: str, wanted: str) -> None:
    assert rendered(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{{ page.title }}, {{page.cover.alt}}, {{ page.count }}", "The title, An alt, 3"),
        ("{{< param title >}} and {{% param cover.alt %}}", "The title and An alt"),
        ("{{ \"{{\" }} x {{ '{% y %}' }}", "&#123;&#123; x &#123;% y %}"),
        ("{{</* figure src=a */>}} {{%/* ref b */%}}", "&#123;&#123;&lt; figure src=a &gt;}} &#123;&#123;% ref b %}}"),
        ("{{/* youtube(id=1) */}}", "&#123;&#123; youtube(id=1) }}"),
    ],
)
def test_values_and_what_is_meant_to_be_seen(text: str, wanted: str) -> None:
    assert rendered(text) == wanted


def test_variables_of_eleventy_are_those_of_the_front_matter() -> None:
    assert rendered("{{ title }} [a]({{ cover.alt }})", Generator.ELEVENTY) == "The title [a](An alt)"
    # Of an unknown generator, a word in braces may as well be text.
    assert rendered("[a]({{ title }}/b)") == "[a](The title/b)"
    assert left("{{ title }}") == left("{{ title }}", Generator.JEKYLL) == [(1, "{{ title }}")]


@pytest.mark.parametrize("name", ["raw", "verbatim"])
@pytest.mark.parametrize("trim", ["", "-"])
def test_raw(name: str, trim: str) -> None:
    begin, end = f"{{%{trim} {name} {trim}%}}", f"{{%{trim} end{name} {trim}%}}"
    assert rendered(f"{begin}{{{{ x }}}} {{% y %}}{end}") == "&#123;&#123; x }} &#123;% y %}"
    assert rendered(f"A {begin}`{{{{ x }}}}`{end}") == "A `{{ x }}`"
    assert rendered(f"{begin}\n```liquid\n{{{{ x }}}}\n```\n{end}\n") == "\n```liquid\n{{ x }}\n```\n\n"
    inner = f"{{% highlight liquid %}}\n{begin}{{{{ x }}}}{end}\n{{% endhighlight %}}"
    assert rendered(inner) == "```liquid\n{{ x }}\n```"


def test_raw_in_code_goes_where_the_generator_carries_it_out() -> None:
    text = "```yaml\n{% raw %}\na: {{ x }}\n{% endraw %}\n```\n`{% raw %}{{ y }}{% endraw %}`"
    wanted = "```yaml\n\na: {{ x }}\n\n```\n`{{ y }}`"
    assert rendered(text, Generator.JEKYLL) == rendered(text, Generator.ELEVENTY) == wanted
    # Ansible, Helm and others have it in their own files.
    assert rendered(text) == rendered(text, Generator.HEXO) == rendered(text, Generator.HUGO) == text
    # Written outside of code too, it is the generator's.
    assert rendered("{% raw %}a{% endraw %}\n" + text) == "a\n" + wanted


def test_a_fence_that_begins_within_raw_and_ends_behind_it() -> None:
    text = "{% raw %}\n```\n{{ x }} {% endraw %}\n```\n{{ page.title }}"
    assert rendered(text) == "\n```\n{{ x }} \n```\nThe title"


CODE_ALONE = [
    "`{{ x }}` and ``{% y ` %}``",
    "```liquid\n{% highlight ruby %}\n{{ x }}\n```\n",
    "~~~\n{{< ref x >}}\n```\n{{< ref y >}}\n~~~",
    "- a\n\n  ```\n  {{ x }}\n  ```\n",
    "> ```\n> {{ x }}\n> ```\n",
    "A\n\n    {{ x }}\n    {: .y}\n\n    {% z %}\n\nB",
    "- a\n\n      {{ x }}\n",
    "```\n{{ x }} in a block without end",
    "<pre>\n{{ x }}\n\n{% y %}\n</pre>",
    "A <code>{{ x }}</code> <!-- {{ y }} -->",
    "<script>\nvar a = {{ x }};\n</script>",
    "A `{{ x }}\n{{ y }}` of two lines",
    "$\\frac{{a}}{b}$ and $$\n{{x}}^2\n$$",
    r"\{{ x }}",
    "```go {linenos=true}\n{{ x }}\n```",
]


@pytest.mark.parametrize("text", CODE_ALONE)
@pytest.mark.parametrize("generator", Generator)
def test_code_is_as_it_is_written(text: str, generator: Generator) -> None:
    assert rendered(text, generator) == text


def test_escaped_shortcodes_in_code_are_what_readers_see() -> None:
    text = "```\n{{</* figure a */>}}\n{{%/* ref */%}} {{/* a comment of Go */}}\n```"
    assert rendered(text) == "```\n{{< figure a >}}\n{{% ref %}} {{/* a comment of Go */}}\n```"
    assert rendered("`{%/* quote() */%}`", Generator.ZOLA) == "`{% quote() %}`"


def test_text_that_only_looks_similar() -> None:
    text = "Mustache has {{ and }}, {}, {{}}, {% alone, ${{ github.ref }}, \\{, {x}, {: and a {#b. {{{ c }}} f(x){2}"
    assert rendered(text) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A\n{% assign x = 1 %}\nB {{ x }}", [(2, "{% assign x = 1 %}"), (3, "{{ x }}")]),
        ("{{< tabs >}}\nA\n{{< /tabs >}}", [(1, "{{< tabs >}}")]),
        ("{% if x %}\nA\n{% endif %}\n{% endfor %}", [(1, "{% if x %}"), (4, "{% endfor %}")]),
        ("{% include toc.html %}", [(1, "{% include toc.html %}")]),
        ("{% highlight ruby %}\nno end", [(1, "{% highlight ruby %}")]),
        ("{{< figure class=x >}}", [(1, "{{< figure class=x >}}")]),
        ("{{ page.date | date: '%Y' }}", [(1, "{{ page.date | date: '%Y' }}")]),
        ("    {{ x }}\n- a\n    {{ y }}\n\n    {{ z }}", [(3, "{{ y }}"), (5, "{{ z }}")]),
        ("{{ chart(id=1) }}", [(1, "{{ chart(id=1) }}")]),
        ("{% youtube %}", [(1, "{% youtube %}")]),
    ],
)
def test_what_remains_is_reported(text: str, found: list[tuple[int, str]]) -> None:
    assert left(text) == found


@pytest.mark.parametrize("is_mdx", [False, True])
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("::: tip\nA *b*\n:::\nC", "> **Tip**\n>\n> A *b*\n\nC"),
        (":::note[Hm]\nA\n\n- b\n  - c\n:::\n", "> **Hm**\n>\n> A\n>\n> - b\n>   - c\n"),
        ("::: warning Hm, b\nA\n:::", "> **Hm, b**\n>\n> A"),
        ("::: {.note}\nA\n:::", "> **Note**\n>\n> A"),
        ("::: details More\nA\n:::", "**More**\n\nA"),
        (":::: code-group\n```js\na\n```\n::::", "```js\na\n```"),
        (":::: info\nA\n::: tip\nB\n:::\n::::", "> **Info**\n>\n> A\n>\n> > **Tip**\n> >\n> > B"),
        ("- a\n\n  :::tip\n  B\n  :::\n", "- a\n\n  > **Tip**\n  >\n  > B\n"),
        ("```\n::: tip\nA\n:::\n```", "```\n::: tip\nA\n:::\n```"),
        ("::: tip\nno end", "::: tip\nno end"),
        ("A ::: b\n:::", "A ::: b\n:::"),
    ],
)
def test_containers(text: str, wanted: str, *, is_mdx: bool) -> None:
    assert rendered(text, is_mdx=is_mdx) == wanted


@pytest.mark.parametrize("generator", [Generator.HUGO, Generator.JEKYLL])
def test_containers_of_other_generators_are_text(generator: Generator) -> None:
    assert rendered("::: tip\nA\n:::", generator) == "::: tip\nA\n:::"


@pytest.mark.parametrize(
    ("generator", "found"),
    [
        (Generator.HUGO, ["{{< a >}}"]),
        (Generator.ZOLA, ["{{ c(d=1) }}"]),
        (Generator.JEKYLL, ["{{ b }}", "{% e %}"]),
        (Generator.HEXO, ["{{ b }}", "{% e %}"]),
        (Generator.ELEVENTY, ["{{ b }}", "{{ c(d=1) }}", "{% e %}"]),
        (Generator.PLAIN, []),
        (Generator.UNKNOWN, ["{{< a >}}", "{{ b }}", "{{ c(d=1) }}", "{% e %}"]),
    ],
)
def test_each_generator_has_its_own_tags(generator: Generator, found: list[str]) -> None:
    assert [tag for _, tag in left("{{< a >}} {{ b }} {{ c(d=1) }} {% e %}", generator)] == found


def test_lines_are_those_of_the_file() -> None:
    text = "{% raw %}\na\n{% endraw %}\n{% quote %}\n\n{{ x }}\n{% endquote %}\n"
    text += "{% highlight a %}\nb\n{% endhighlight %}\n{{ y }}"
    found = render(text, Context(), first_line=10)
    assert [(tag.line, tag.text) for tag in found.remaining] == [(15, "{{ x }}"), (20, "{{ y }}")]


HOSTILE = ["{% highlight a %}\n", "{{< notice >}}\n", "`{{ x }}", "``` `` ` ", "{{", "{%", "{::comment}\n", '{{< a "']
HOSTILE += [
    "<pre>",
    "$a{",
    "    {{ x }}\n\n",
    "{{< a `",
    "{{ a |",
    "{% a(",
    "{.a ",
    "[a]({{ site.url }}",
    "- " * 5,
    "::: a\n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_tag_that_nothing_ends_is_looked_for_once(text: str) -> None:
    render(text * 20_000, Context())
