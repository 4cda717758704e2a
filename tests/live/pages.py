"""Reading what the site serves."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def plain_html(page: str) -> str:
    """The part between ``<main>`` and ``</main>`` without the attributes that Astro scopes styles by."""
    assert "<main>" in page, page[-2000:]
    main = page[page.index("<main>") : page.index("</main>")]
    return re.sub(r'\sdata-astro-[\w-]+(?:="[^"]*")?', "", main)


def element(page: str, name: str) -> str:
    """What is inside the element of the post page with that class; the site's template nests none of them."""
    found = re.search(rf'<(span|div|p) class="{name}">(.*?)</\1>', plain_html(page), re.DOTALL)
    return found[2] if found else ""


def posts_of(page: str) -> list[str]:
    """The paths of the posts that a list, a category, a tag or the search page names, in order."""
    return re.findall(r'href="((?:/de)?/posts/[^"]+)"', plain_html(page))


def meta(page: str, name: str) -> str:
    """The content of a ``<meta>`` by its name or property; empty if there is none."""
    found = re.search(rf'<meta (?:name|property)="{name}" content="([^"]*)"', page)
    return found[1] if found else ""


def feed_links(feed: str) -> list[str]:
    """The links of a feed's items."""
    items = ET.fromstring(feed).iter("item")  # noqa: S314 - from our own site
    return [item.findtext("link", "") for item in items]


def sitemap(document: str) -> dict[str, dict[str, str]]:
    """The alternates of each URL in a sitemap, by their language."""
    urls = ET.fromstring(document).iter(f"{SITEMAP}url")  # noqa: S314 - from our own site
    return {
        url.findtext(f"{SITEMAP}loc", ""): {
            link.attrib["hreflang"]: link.attrib["href"] for link in url.iter("{http://www.w3.org/1999/xhtml}link")
        }
        for url in urls
    }
