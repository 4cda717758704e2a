"""MDX: modules and comments go, components become what their names say, the rest is reported."""

from __future__ import annotations

import pytest

from emdash_cli.domain.template_tags import Context, render


def read(text: str) -> tuple[str, list[tuple[int, str]]]:
    """The Markdown, and what is reported."""
    found = render(text, Context(variables={"title": "The title", "hero": {"alt": "A"}}, is_mdx=True))
    return found.markdown, [(tag.line, tag.text) for tag in found.remaining]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('import A from "a";\nimport { B } from "b"\n\nText', "Text"),
        ("import A from 'a'\nimport {\n  B,\n\n  C\n} from 'b'\n\nText", "Text"),
        ("import './a.css'\n\nText\n\nimport B from 'b'\n\nMore", "Text\n\nMore"),
        ("import A from 'a';\nText", "Text"),
        ("import './a.css'\r\nimport {\r\n B } from 'b'\r\nText *b*\r\n\r\nMore", "Text *b*\r\n\r\nMore"),
        ("import A from 'a' with { type: 'json' };\n\nText", "Text"),
        ("import A from 'a'\n// a note\nexport const b = A\n\nText", "Text"),
        ("export const a = {\n  b: 1,\n\n  c: '}'\n};\n\nText", "Text"),
        ("export default ({children}) => <main>{children}</main>\n\nText", "Text"),
        ("export * from 'a'\n\nText", "Text"),
        ("A {/* {b} <C> */}d", "A d"),
        ("{/*\n  a\n\n  b\n*/}\nText", "Text"),
        ("A{' '}b {\"{c}\"} {`d`}", "A b &#123;c} d"),
        ("# {frontmatter.title} {props.frontmatter.hero.alt}", "# The title A"),
        ("## Head {#own-id}\n", "## Head\n"),
        ("<Fragment>a *b*</Fragment> <>c</>", "a *b* c"),
        ('<Image src="/a.png" alt="A" />', "![A](/a.png)"),
        ("import cat from '../cat.png'\n\n<Image src={cat} alt={'A'} width={3} {...rest} />", "![A](../cat.png)"),
        ("import cat from '../cat.png'\n\n<img src={cat.src} alt='A' />", '<img src="../cat.png" alt="A" />'),
        ('<YouTube id="a1" autoplay />', "<https://www.youtube.com/watch?v=a1>"),
        ('<Vimeo videoId="12"></Vimeo>', "<https://vimeo.com/12>"),
        ('<Tweet id="12" />', "<https://x.com/i/web/status/12>"),
        ('<Link to="/a">b *c*</Link>', "[b *c*](/a)"),
        ('<LinkCard title="B" href="/a" />', "[B](/a)"),
        ('<Aside type="tip" title="Hm">\n  A\n\n  - b\n    - c\n</Aside>', "> **Hm**\n>\n> A\n>\n> - b\n>   - c"),
        ("<Note>A</Note>", "> A"),
        ('<div className="a" style={{ color: "red" }} onClick={() => a > b}>b</div>', '<div class="a">b</div>'),
        ("A\n\n    indented text\n\nB", "A\n\nindented text\n\nB"),
        ("<Tabs>\n  <Tab label='npm'>\n    ```sh\n    a\n    ```\n  </Tab>\n</Tabs>", "**npm**\n\n```sh\na\n```"),
        ("1. A\n\n   <Steps>\n     - b\n   </Steps>\n2. C", "1. A\n\n   - b\n\n2. C"),
    ],
)  # fmt: skip
def test_what_has_a_plain_meaning(text: str, wanted: str) -> None:
    found, reported = read(text)
    assert (found.strip("\n"), reported) == (wanted.strip("\n"), [])


@pytest.mark.parametrize(
    "text",
    [
        "`{a}` and `<B>`",
        "```js\nimport a from 'b';\n\nexport const c = {d};\n<E>{f}</E>\n```",
        "a < b and c {",
        "import duty and export laws",
        "[a](b) <b>c</b> <br />",
        "{{ a, {% b and {{< c",
        "<B a={",
        "<B",
    ],
)
def test_text_and_code_stay(text: str) -> None:
    assert read(text) == (text, [])


@pytest.mark.parametrize(
    ("text", "wanted", "reported"),
    [
        ("A\n\n{props.b}", "A\n\n{props.b}", [(3, "{props.b}")]),
        ("{a.map(b => <C>{b}</C>)}", "{a.map(b => <C>{b}</C>)}", [(1, "{a.map(b => <C>{b}</C>)}")]),
        ("A <Badge text='b' /> c", "A  c", [(1, "<Badge>")]),
        ("A\n<Box>\n\nb {c}\n\n</Box>", "A\n\nb {c}", [(2, "<Box>"), (4, "{c}")]),
        ("<Box title='A'>b</Box>", "**A**\n\nb", [(1, "<Box>")]),
        ("<Open>a", "a", [(1, "<Open>")]),
        ("<YouTube id={a} />", "", [(1, "<YouTube>")]),
        ("<My.Part a>b</My.Part>", "b", [(1, "<My.Part>")]),
    ],
)
def test_what_has_none_is_reported(text: str, wanted: str, reported: list[tuple[int, str]]) -> None:
    assert read(text) == (wanted, reported)


def test_a_component_in_the_text_of_a_component_of_the_same_name() -> None:
    assert read("<Box><Box>a</Box>`</Box>`</Box>b")[0] == "a`</Box>`b"


HOSTILE = [
    "<A>",
    "<A b={",
    "{",
    "{(",
    "import a from 'b'\n",
    "export {\n",
    "<A/>",
    "<a b='",
    "`<A>",
    "    <A>\n\n",
    "{'",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_nothing_ends_is_looked_for_once(text: str) -> None:
    read(text * 10_000)
