"""`emdash import --from-markdown`: pages whose Markdown other converters got wrong, as `show` gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site

SHOWN = {
    "details": (
        "<details>\n<summary>More</summary>\n\nHidden *text*.\n\n</details>\n\nOpen text.",
        "<details>\n<summary>More</summary>\n<p>Hidden <em>text</em>.</p>\n</details>\n<p>Open text.</p>",
    ),
    "pre": (
        "<p>Before.</p>\n<pre><code>one\n\n  two * 2 * 3\n# three</code></pre>",
        "<p>Before.</p>\n<pre><code>one\n\n  two * 2 * 3\n# three</code></pre>",
    ),
    "script": (
        "<div>\n<script>\nvar a = 1;\n\nvar b = 2;\n</script>\n</div>\n\nText.",
        "<div>\n\n</div>\n<p>Text.</p>",
    ),
    "svg": ('An <svg width="1em"><use href="#s"></use><path d="M0z"/></svg> icon.', "<p>An  icon.</p>"),
    "version": ("Upgrade tool@1.2.3 and o@7.1.0-beta.1 now.", "<p>Upgrade tool@1.2.3 and o@7.1.0-beta.1 now.</p>"),
    "address": ("See http://x.org/a_(b)。ä.", '<p>See <a href="http://x.org/a_(b)。ä">http://x.org/a_(b)。ä</a>.</p>'),
}


@pytest.mark.parametrize(("markdown", "html"), SHOWN.values(), ids=SHOWN.keys())
def test_what_a_page_shows(site: Site, markdown: str, html: str) -> None:
    path = site.root / "pages" / "page.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\ntitle: T\ndate: 2019-01-02\n---\n{markdown}\n")
    assert site.run("import", "--from-markdown", "pages").code == 0
    ((slug,),) = site.sql("SELECT slug FROM ec_posts")
    assert html in site.run("show", str(slug), "--format", "html").out
