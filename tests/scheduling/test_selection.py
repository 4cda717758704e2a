"""The posts that a verb is to change: each once, in the order in which they were named, by one request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from emdash_cli.domain.errors import EmdashError, NotAllowedError, UsageError
from emdash_cli.scheduling.post_names import PostName, read_names
from emdash_cli.scheduling.selection import Selection, select_posts
from tests.harness.ports import Port
from tests.harness.posts import ago, give_post
from tests.harness.sessions import session_in

if TYPE_CHECKING:
    from tests.harness.site import Site


def found(site: Site, *names: str | PostName, locale: str | None = None, trashed: bool = False) -> list[str]:
    """The ids of the selected posts."""
    port = Port(site)
    wanted = [name if isinstance(name, PostName) else PostName(name) for name in names]
    rows = select_posts(session_in(port), Selection(wanted, locale, trashed), "schedule")
    assert port.requests <= 1
    return [str(row["id"]) for row in rows]


@pytest.fixture
def blog(any_site: Site) -> Site:
    for slug in ("a", "b", "c"):
        give_post(any_site, slug, draft={"title": slug}, status="draft", scheduled_at=None)
    give_post(any_site, "a", id="A-DE", locale="de")
    give_post(any_site, "gone", deleted_at=ago())
    return any_site


class TestFound:
    def test_in_the_order_of_the_names_and_each_once(self, blog: Site) -> None:
        assert found(blog, "c", "b", PostName("b", "en"), PostName("b", "en", "B"), "c") == ["C", "B"]

    def test_by_locale_in_any_spelling(self, blog: Site) -> None:
        assert found(blog, "a", locale="de") == ["A-DE"]
        assert found(blog, PostName("a", "DE"), PostName("a", "en")) == ["A-DE", "A"]

    def test_by_id(self, blog: Site) -> None:
        assert found(blog, PostName("a", "de", "A-DE"), PostName("", None, "B")) == ["A-DE", "B"]

    def test_in_the_trash_if_it_is_asked_for(self, blog: Site) -> None:
        assert found(blog, "gone", "b", trashed=True) == ["GONE", "B"]

    def test_nothing(self, blog: Site) -> None:
        assert found(blog) == []

    def test_of_ten_thousand_by_one_request(self, blog: Site) -> None:
        blog.sql(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001)"
            " INSERT INTO ec_posts (id, slug, status, locale, title)"
            " SELECT 'P' || i, 'p-' || i, 'draft', 'en', 't' FROM n"
        )
        assert found(blog, *(f"p-{number}" for number in range(10_001, 0, -1)))[::5000] == ["P10001", "P5001", "P1"]

    def test_with_a_text_of_the_caller_s_own(self, blog: Site) -> None:
        more = ", p.title || '!' AS shouted"
        [row] = select_posts(session_in(Port(blog)), Selection([PostName("b")]), "schedule", more)
        assert (row["shouted"], row["staged_owner"], row["edited"]) == ("Old title!", None, 0)


class TestRefused:
    @pytest.mark.parametrize(
        ("names", "words"),
        [
            (["nowhere"], "there is no post nowhere"),
            (["nowhere", "b", "elsewhere"], "of 2 of 3 posts: there is no post nowhere; there is no post elsewhere"),
            (["gone", "b"], "because of 1 of 2 posts: there is no post gone any more: it is in the trash"),
            ([PostName("gone", "en", "GONE")], "the post gone is in the trash"),
            ([PostName("old", "en", "B")], "the post old is now called b"),
            ([PostName("b", "en", "X")], "there is no post b any more"),
            ([PostName("b", "fr")], "there is no post b in fr"),
        ],
    )
    def test_a_post_that_does_not_exist(self, blog: Site, names: list[str | PostName], words: str) -> None:
        with pytest.raises(EmdashError) as refused:
            found(blog, *names)
        assert words in refused.value.message
        assert refused.value.code == "no_such_post"

    def test_a_slug_in_two_locales(self, blog: Site) -> None:
        with pytest.raises(UsageError, match="the slug a exists in de and en") as refused:
            found(blog, "b", "a")
        assert refused.value.hint == "choose one: --locale de or --locale en"

    def test_a_locale_that_contradicts_the_list(self, blog: Site) -> None:
        for name in (PostName("b", "en"), PostName("b", "en", "B")):
            with pytest.raises(UsageError, match="b was named with the locale en, not de"):
                found(blog, name, locale="de")

    def test_similar_slugs_are_named_for_some_and_posts_for_a_hundred(self, blog: Site) -> None:
        give_post(blog, "caching-1")
        with pytest.raises(EmdashError) as refused:
            found(blog, *(f"caching-{number}" for number in range(2, 150)))
        assert "did you mean caching-1?" in refused.value.hint
        assert "caching-101; 48 more" in refused.value.message

    def test_somebody_who_may_not(self, blog: Site) -> None:
        blog.insert("users", id="U1", email="ada@example.com", role=30)
        with pytest.raises(NotAllowedError):
            select_posts(session_in(Port(blog), user="U1"), Selection([PostName("nowhere")]), "schedule")


class TestNames:
    def test_slugs_on_lines(self) -> None:
        text = "\ufeffone\r\n\n  two \nthree"
        assert [name.slug for name in read_names(text.encode()).names] == ["one", "two", "three"]

    @pytest.mark.parametrize("data", [b"", b"\n \n", b"[]", b'{"posts": [], "next": null}'])
    def test_none(self, data: bytes) -> None:
        assert read_names(data) == ((), False)

    def test_what_commands_print(self) -> None:
        listed = {"posts": [{"id": "A", "slug": "a", "locale": "en", "title": "T"}], "next": "x"}
        assert read_names(json.dumps(listed).encode()) == ((PostName("a", "en", "A"),), True)
        changed = {"posts": [{"post_id": "A", "slug": "a", "locale": "en"}]}
        assert read_names(json.dumps(changed).encode()) == ((PostName("a", "en", "A"),), False)
        assert read_names(b'["a", {"slug": "b"}]').names == (PostName("a"), PostName("b"))

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"\xff\xfe\x00", "is not text"),
            (b"a\x00b", "line 1 of the list of posts is not a slug"),
            (b"fine\nnot fine", "line 2 of the list of posts is not a slug: 'not fine'"),
            (b"x" * 2000, "line 1"),
            (b"draft\t\tslug\ten", "several columns"),
            (b"{'posts': 1}", "is not JSON"),
            (b"[" * 100_000, "is not JSON"),
            (b'{"jobs": []}', "no list of posts under `posts`"),
            (b'{"posts": {"a": 1}}', "no list of posts under `posts`"),
            (b"[1]", "number 1 in the JSON"),
            (b'[{"slug": 1}]', "number 1 in the JSON"),
            (b'["a", ""]', "number 2 in the JSON"),
            (b'[{"title": "T"}]', "number 1 in the JSON"),
        ],
    )
    def test_something_else(self, data: bytes, words: str) -> None:
        with pytest.raises(UsageError, match=words) as refused:
            read_names(data)
        assert "emdash posts" in refused.value.hint
