"""`emdash translations`: which languages a post has, and how its group changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.scheduling.translations import LinkTarget, Translations, link
from tests.harness.ports import Interrupted, Port, SendsTwice
from tests.harness.posts import NOW, ago, ahead, body, give_post
from tests.harness.sessions import session_in
from tests.harness.site import ended
from tests.scheduling.kills import killed_everywhere

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.harness.d1_site import D1Site
    from tests.harness.site import Site

TEXT = {"title": "Title", "content": body("text")}


def a_post(site: Site, slug: str, locale: str, **columns: Any) -> None:
    give_post(site, slug, **({"status": "published", "live": TEXT, "locale": locale} | columns))


def three(site: Site, **columns: Any) -> None:
    """An English post, its German and its French translation, and a Spanish post of its own."""
    a_post(site, "one", "en")
    a_post(site, "eins", "de", translation_group="ONE")
    a_post(site, "un", "fr", translation_group="ONE", **columns)
    a_post(site, "uno", "es")


def translations(site: Site, *words: str) -> dict[str, Any]:
    done: dict[str, Any] = site.run("translations", *words, "--json").succeeds().json
    return done


def groups(site: Site) -> dict[str, str]:
    found: dict[str, str] = dict(site.sql("SELECT slug, translation_group FROM ec_posts"))
    return found


def tagged(site: Site, post: str, *tags: str) -> None:
    """Term links as EmDash has them: of the group from migration 068 on, of the post before."""
    by_group = site.sql("SELECT 1 FROM _emdash_migrations WHERE name LIKE '068%'")
    (entry,) = site.sql(f"SELECT {'translation_group' if by_group else 'id'} FROM ec_posts WHERE slug = ?", post)[0]
    for tag in tags:
        if not site.sql("SELECT 1 FROM taxonomies WHERE id = ?", tag):
            site.insert("taxonomies", id=tag, name="tag", slug=tag, label=tag, locale="en", translation_group=tag)
        site.insert("content_taxonomies", collection="posts", entry_id=entry, taxonomy_id=tag)


def tags(site: Site, slug: str) -> list[str]:
    """As EmDash reads them."""
    by_group = site.sql("SELECT 1 FROM _emdash_migrations WHERE name LIKE '068%'")
    column = "translation_group" if by_group else "id"
    found = site.sql(
        "SELECT t.taxonomy_id FROM content_taxonomies AS t JOIN ec_posts AS p"
        f" ON p.{column} = t.entry_id WHERE p.slug = ? ORDER BY 1", slug
    )  # fmt: skip
    return [tag for (tag,) in found]


@freeze_time(NOW)
class TestListed:
    def test_each_post_of_the_group_with_its_status_and_what_is_missing(self, any_site: Site) -> None:
        any_site.settings('default_locale = "en"\n[streams.default]\nlocale = "it"\n')
        three(any_site, status="draft", live=None)
        a_post(any_site, "ein", "nl", translation_group="ONE", deleted_at=ago())
        found = translations(any_site, "eins")
        assert [(each["locale"], each["slug"], each["status"]) for each in found["posts"]] == [
            ("de", "eins", "published"), ("en", "one", "published"), ("fr", "un", "draft"), ("nl", "ein", "trashed"),
        ]  # fmt: skip
        assert (found["outcome"], found["missing"], found["by"]) == ("listed", ["it"], None)
        ran = any_site.run("translations", "eins").succeeds()
        assert ran.lines[0] == "de\teins\tpublished\tOld title\tEINS"
        assert "not translated into it" in ran.err

    def test_one_that_has_none_or_no_group(self, any_site: Site) -> None:
        a_post(any_site, "one", "en", translation_group=None)
        assert [each["slug"] for each in translations(any_site, "one")["posts"]] == ["one"]
        any_site.run("translations", "two").fails(3, "there is no post two")


@freeze_time(NOW)
class TestLinked:
    def test_a_post_without_translations_joins_the_other_one_whichever_is_named_first(self, any_site: Site) -> None:
        three(any_site)
        done = translations(any_site, "one", "--link", "uno")
        assert (done["outcome"], done["moved"]) == ("linked", ["uno"])
        assert [each["locale"] for each in done["posts"]] == ["de", "en", "es", "fr"]
        assert groups(any_site) == dict.fromkeys(("one", "eins", "un", "uno"), "ONE")
        row = any_site.post("uno")
        assert (row["version"], row["updated_at"], row["live_revision_id"]) == (2, ago(), "LIVE-UNO")
        assert any_site.sql("SELECT path FROM publish_outbox") == [("/posts/uno",)]

    def test_it_brings_its_terms_along_and_keeps_its_bylines(self, any_site: Site) -> None:
        three(any_site)
        tagged(any_site, "one", "a", "b")
        tagged(any_site, "uno", "b", "c")
        any_site.insert("_emdash_bylines", id="G", slug="ada", display_name="Ada", locale="en", translation_group="G")
        any_site.insert("_emdash_content_bylines", id="X", collection_slug="posts", content_id="UNO", byline_id="G")
        any_site.sql("UPDATE ec_posts SET primary_byline_id = 'G' WHERE id = 'UNO'")
        is_shared = any_site.sql("SELECT 1 FROM _emdash_migrations WHERE name LIKE '068%'")
        done = any_site.run("translations", "uno", "--link", "one").succeeds()
        assert bool(is_shared) == ("EmDash shares terms" in done.err)
        assert tags(any_site, "uno") == (["a", "b", "c"] if is_shared else ["b", "c"])
        assert tags(any_site, "eins") == (["a", "b", "c"] if is_shared else [])
        assert any_site.sql("SELECT count(*) FROM content_taxonomies WHERE entry_id = 'UNO'") == [
            (0 if is_shared else 2,)
        ]
        any_site.run("translations", "uno", "--unlink").succeeds()
        assert tags(any_site, "uno") == (["a", "b", "c"] if is_shared else ["b", "c"])
        assert tags(any_site, "one") == (["a", "b", "c"] if is_shared else ["a", "b"])
        assert any_site.sql("SELECT content_id, byline_id FROM _emdash_content_bylines") == [("UNO", "G")]
        assert any_site.post("uno")["primary_byline_id"] == "G"

    def test_the_same_slug_in_two_languages(self, any_site: Site) -> None:
        a_post(any_site, "one", "en")
        a_post(any_site, "eins", "de")
        a_post(any_site, "un", "fr")
        any_site.sql("UPDATE ec_posts SET slug = 'about'")
        any_site.run("translations", "about", "--link", "about").fails(2, "--locale")
        any_site.run("translations", "about", "--locale", "de", "--link", "about").fails(2, "en and fr")
        words = ("about", "--locale", "de", "--link", "about", "--to-locale", "en")
        assert translations(any_site, *words)["outcome"] == "linked"
        assert translations(any_site, "about", "--locale", "fr", "--link", "ONE")["moved"] == ["about"]
        assert {group for (group,) in any_site.sql("SELECT translation_group FROM ec_posts")} == {"ONE"}

    def test_what_is_linked_already_is_nothing_to_do(self, any_site: Site) -> None:
        three(any_site)
        before = any_site.dump()
        assert translations(any_site, "one", "--link", "un")["outcome"] == "unchanged"
        assert translations(any_site, "uno", "--unlink")["outcome"] == "unchanged"
        assert any_site.dump() == before


@freeze_time(NOW)
class TestUnlinked:
    def test_a_translation_gets_a_group_of_its_own(self, any_site: Site) -> None:
        three(any_site)
        done = translations(any_site, "eins", "--unlink", "--reason", "another article")
        assert ([each["slug"] for each in done["posts"]], done["moved"]) == (["eins"], ["eins"])
        assert groups(any_site) == {"one": "ONE", "eins": "EINS", "un": "ONE", "uno": "UNO"}
        detail = json.loads(any_site.row("pipeline_audit", action="unlinked")["detail"])
        assert (detail["reason"], detail["from"], detail["run"]) == (
            "another article",
            "one (en), un (fr)",
            done["run"],
        )
        (row,) = [line.split("\t") for line in any_site.run("history", "eins").lines if "\tunlinked\t" in line]
        assert row[4] == "a change to a published post, from one (en), un (fr), another article"

    def test_if_the_group_is_named_after_it_the_others_move_together(self, any_site: Site) -> None:
        three(any_site)
        tagged(any_site, "one", "a")
        a_post(any_site, "ein", "nl", translation_group="ONE", deleted_at=ago())
        done = translations(any_site, "one", "--unlink")
        assert sorted(done["moved"]) == ["ein", "eins", "un"]
        assert groups(any_site) == {"one": "ONE", "eins": "EINS", "un": "EINS", "ein": "EINS", "uno": "UNO"}
        if any_site.sql("SELECT 1 FROM _emdash_migrations WHERE name LIKE '068%'"):
            assert [tags(any_site, slug) for slug in ("one", "eins", "un")] == [["a"], ["a"], ["a"]]

    def test_it_does_not_come_into_a_group_that_others_have(self, any_site: Site) -> None:
        """Another tool has moved it, and left posts in the group that is named after it."""
        a_post(any_site, "one", "en", translation_group="EINS")
        a_post(any_site, "eins", "de", translation_group="UN")
        a_post(any_site, "un", "fr")
        translations(any_site, "eins", "--unlink")
        assert groups(any_site)["eins"] not in {"EINS", "UN", "ONE"}
        assert len(set(groups(any_site).values())) == 3


@freeze_time(NOW)
class TestRefused:
    def refused(self, site: Site, *words: str, code: int = 3, named: tuple[str, ...] = ()) -> None:
        before = site.dump()
        site.run("translations", *words).fails(code, *named)
        assert site.dump() == before

    def test_a_second_post_of_a_language(self, any_site: Site) -> None:
        three(any_site)
        a_post(any_site, "zwei", "de")
        self.refused(any_site, "zwei", "--link", "one", named=("already has a translation into de", "eins, post EINS"))
        self.refused(any_site, "zwei", "--link", "eins", named=("both in de",))
        self.refused(any_site, "one", "--link", "one", named=("the same post",))
        any_site.sql("UPDATE ec_posts SET deleted_at = ? WHERE id = 'EINS'", ago())
        assert translations(any_site, "zwei", "--link", "one")["outcome"] == "linked", "the other one is in the trash"

    def test_two_groups(self, any_site: Site) -> None:
        three(any_site)
        a_post(any_site, "ni", "zh", translation_group="UNO")
        self.refused(any_site, "eins", "--link", "ni", named=("both have other translations", "--unlink"))

    def test_a_scheduled_post_is_locked(self, any_site: Site) -> None:
        three(any_site)
        any_site.sql("UPDATE ec_posts SET scheduled_at = ? WHERE id IN ('UNO', 'UN')", ahead(hours=1))
        self.refused(any_site, "uno", "--link", "one", named=("uno (es) is scheduled for", "emdash unschedule uno"))
        self.refused(any_site, "one", "--unlink", named=("un (fr) is scheduled for",))

    def test_options_that_contradict_each_other(self, site: Site) -> None:
        three(site)
        self.refused(site, "one", "--link", "uno", "--unlink", code=2, named=("contradict",))
        self.refused(site, "one", "--to-locale", "de", code=2, named=("--link",))
        self.refused(site, "one", "--link", "nowhere", named=("there is no post nowhere",))

    def test_a_dry_run_changes_nothing(self, any_site: Site) -> None:
        three(any_site)
        before = any_site.dump()
        done = any_site.run("translations", "uno", "--link", "one", "--dry-run").succeeds()
        assert done.lines == ["would be linked\tuno\tes\teins (de), one (en), un (fr)"]
        assert translations(any_site, "one", "--unlink", "--dry-run")["run"] is None
        assert any_site.dump() == before

    @pytest.mark.parametrize(
        ("role", "owner", "option", "may"),
        [
            (10, "U1", (), True),
            (20, "U1", ("--unlink",), False),
            (30, "U1", ("--unlink",), True),
            (30, "U2", ("--unlink",), False),
            (30, "U1", ("--link", "uno"), False),
            (40, "U2", ("--link", "uno"), True),
        ],
    )
    def test_who_may(self, site: Site, role: int, owner: str, option: tuple[str, ...], *, may: bool) -> None:
        site.insert("users", id="U1", email="ada@example.com", name="Ada", role=role)
        three(site)
        site.sql("UPDATE ec_posts SET author_id = ? WHERE id = 'ONE'", owner)
        ran = site.run("translations", "one", *option, "--as", "Ada")
        assert ran.code == (0 if may else 4), ran


MEANWHILE: Mapping[str, Callable[[Site], object]] = {
    "edited": lambda site: site.run("edit", "uno", "--title", "Theirs").succeeds(),
    "scheduled": lambda site: site.insert(
        "schedule_locks", post_id="UNO", revision_id="R", data="{}", scheduled_at=ahead(days=1), locked_by="eve",
        locked_at=ago(),
    ),
    "translated": lambda site: a_post(site, "dos", "es", translation_group="ONE"),
    "trashed": lambda site: site.sql(f"UPDATE ec_posts SET deleted_at = '{ago()}' WHERE id = 'UNO'"),
}  # fmt: skip


@freeze_time(NOW)
class TestRequests:
    def link(self, port: Port, slug: str = "uno", to: str | None = "one") -> Translations:
        session = session_in(port, clock=lambda: NOW)
        return link(session, LinkTarget(slug, None, to, None, is_preview=False))

    def test_one_that_is_sent_twice_links_once(self, any_site: Site) -> None:
        three(any_site)
        tagged(any_site, "uno", "a")
        self.link(SendsTwice(any_site))
        self.link(SendsTwice(any_site), "one", None)
        assert sorted(any_site.sql("SELECT slug, version FROM ec_posts")) == [
            ("eins", 2), ("one", 1), ("un", 2), ("uno", 3),
        ]  # fmt: skip
        assert any_site.sql("SELECT count(*) FROM pipeline_audit") == [(4,)]
        assert any_site.sql("SELECT count(*) FROM pipeline_runs") == [(2,)]

    @pytest.mark.parametrize("what", MEANWHILE)
    def test_what_happened_meanwhile_stops_it(self, any_site: Site, what: str) -> None:
        three(any_site)
        with pytest.raises(RefusedChangeError, match="somebody else has just changed uno"):
            self.link(Interrupted(any_site, lambda: MEANWHILE[what](any_site), 2))
        assert groups(any_site)["uno"] == "UNO"
        assert any_site.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'linked'") == [(0,)]

    def test_the_others_move_together_or_not_at_all(self, any_site: Site) -> None:
        three(any_site)
        port = Interrupted(any_site, lambda: any_site.sql("UPDATE ec_posts SET version = 9 WHERE id = 'UN'"), 2)
        with pytest.raises(RefusedChangeError, match="somebody else has just changed eins or un"):
            self.link(port, "one", None)
        assert groups(any_site)["eins"] == "ONE"


def test_two_posts_of_one_language_do_not_get_into_one_group_both(site: Site) -> None:
    a_post(site, "one", "en")
    a_post(site, "eins", "de")
    a_post(site, "zwei", "de")
    a_post(site, "un", "fr", translation_group="ONE")
    ran = [ended(each) for each in [site.start("translations", slug, "--link", "one") for slug in ("eins", "zwei")]]
    assert sorted(each.code for each in ran) == [0, 3], ran
    assert site.sql("SELECT count(*) FROM ec_posts WHERE translation_group = 'ONE' AND locale = 'de'") == [(1,)]


def test_killed_between_any_two_statements(site: Site, tmp_path: Path) -> None:
    site.use_layout("0.34")
    three(site)
    tagged(site, "one", "a")

    def whole(killed: Site) -> None:
        assert groups(killed) == {"one": "ONE", "eins": "EINS", "un": "EINS", "uno": "UNO"}
        assert [tags(killed, slug) for slug in ("one", "eins", "un")] == [["a"], ["a"], ["a"]]

    assert killed_everywhere(site, tmp_path, ("translations", "one", "--unlink"), whole) > 20


def test_on_d1(d1_site: D1Site) -> None:
    for number, (slug, locale) in enumerate({"one": "en", "eins": "de", "un": "fr"}.items()):
        d1_site.put(f"{number}-{slug}.json", title=slug, slug=slug, locale=locale, tags=[slug])
    d1_site.publish()
    assert translations(d1_site, "eins", "--link", "one", "--dry-run")["moved"] == ["eins"]
    assert translations(d1_site, "eins", "--link", "one")["moved"] == ["eins"]
    assert translations(d1_site, "un", "--link", "eins")["moved"] == ["un"]
    assert len(translations(d1_site, "one")["posts"]) == 3
    assert len(translations(d1_site, "one", "--unlink")["moved"]) == 2
    assert len({group for (group,) in d1_site.sql("SELECT translation_group FROM ec_posts")}) == 2
