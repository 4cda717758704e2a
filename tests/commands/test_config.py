"""`emdash config`: every value, and where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emdash_cli import settings

if TYPE_CHECKING:
    from tests.harness.site import Site


def test_without_a_file_everything_is_a_default(bare: Site) -> None:
    result = bare.run("config").succeeds()
    rows = [line.split("\t") for line in result.lines]
    assert ["timezone", "UTC", "default"] in rows
    assert ["streams.default.queue", str(bare.root / "queue"), "default"] in rows
    assert {row[2] for row in rows} == {"default"}
    assert "emdash init" in result.err


def test_every_setting_is_shown(bare: Site) -> None:
    known = settings.load({}, config=None, database=None, directory=bare.root).origins
    shown = bare.run("config", "--json").succeeds().json
    assert list(shown["values"]) == list(known)
    assert (shown["file"], shown["root"]) == (None, str(bare.root))


def test_options_go_before_the_environment_and_that_before_the_file(
    bare: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(bare.write("emdash.toml", 'database = "sqlite:file.db"\ntimezone = "Europe/Berlin"\n'))

    def database(*options: str) -> list[str]:
        value = bare.run(*options, "config", "--json").succeeds().json["values"]["database"]
        return [value["value"], value["origin"]]

    assert database() == ["sqlite:file.db", file]
    monkeypatch.setenv("EMDASH_DATABASE", "sqlite:environment.db")
    assert database() == ["sqlite:environment.db", "environment EMDASH_DATABASE"]
    assert database("--db", "sqlite:option.db") == ["sqlite:option.db", "option --db"]
    assert ["timezone", "Europe/Berlin", "emdash.toml"] in [line.split("\t") for line in bare.run("config").lines]


def test_streams_are_shown_with_whole_paths_lists_and_what_is_not_set(bare: Site) -> None:
    bare.write("emdash.toml", '[streams.news]\ntags = ["a", "b"]\nper_run = 3\nslots = ["Mon 9am"]\n')
    values = {key: value["value"] for key, value in bare.run("config", "--json").json["values"].items()}
    assert values["streams.news.queue"] == str(bare.root / "queue/news")
    assert values["streams.news.tags"] == ["a", "b"]
    assert values["streams.news.per_run"] == 3
    assert values["streams.news.slots"] == ["Mon 9am"]
    assert values["streams.news.cadence"] is None
    rows = [line.split("\t") for line in bare.run("config").lines]
    assert ["streams.news.tags", "a, b", "emdash.toml"] in rows
    assert ["streams.news.cadence", "", "default"] in rows


def test_no_secret_is_shown(bare: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "hush-hush")
    result = bare.run("--db", "d1:account/database", "config").succeeds()
    assert "d1:account/database" in result.out
    assert "hush-hush" not in result.out + result.err


@pytest.mark.parametrize("url", ["https://u:secretpw@proxy.example/", "ftp://u:secretpw@proxy.example", "u:secretpw@x"])
def test_a_password_in_the_base_url_is_refused_and_not_shown(
    bare: Site, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    def assert_refused(*words: str) -> None:
        for result in (bare.run("config"), bare.run("config", "--json")):
            result.fails(2, "`api_base_url`", *words)
            assert "secretpw" not in result.out + result.err

    bare.write("emdash.toml", f'api_base_url = "{url}"\n')
    assert_refused("emdash.toml")
    monkeypatch.setenv("CLOUDFLARE_API_BASE_URL", url)
    assert_refused("environment CLOUDFLARE_API_BASE_URL")


def test_a_misspelt_key_is_named_with_the_right_one(bare: Site) -> None:
    bare.write("emdash.toml", 'time_zone = "UTC"\n')
    bare.run("config").fails(2, "setting `time_zone` does not exist", "did you mean `timezone`?")
    assert bare.run("config", "--json").json["error"]["code"] == "usage"


@pytest.mark.parametrize(
    ("setting", "key", "what"),
    [
        ('timezone = "Europe/Belin"', "timezone", "Europe/Berlin"),
        ('[streams.news]\nslug = "{titel}"', "streams.news.slug", "{title}"),
        ('[streams.news]\ncadence = "weekly"', "streams.news.cadence", "weekly-1"),
        ('[streams.news]\nslots = ["mon 25:00"]', "streams.news.slots", "is not a possible time"),
        ('[streams.news]\nslots = ["mon"]', "streams.news.slots", "'weekdays 09:00'"),
        ('[streams.news]\nslots = "mon 09:00"', "streams.news.slots", "a list of strings"),
        ("[streams.news]\nslots = []", "streams.news.slots", "remove the setting"),
        ('[streams.news]\nslots = ["mon 09:00", "weekdays 9am"]', "streams.news.slots", "both name Mon 09:00"),
        ('[streams.news]\nper_run = "2"', "streams.news.per_run", "whole number"),
        ('[streams.news]\nlocale = "e"', "streams.news.locale", "pt-br"),
        ('collection = "Posts"', "collection", "lower-case"),
        ('[streams."a/b"]\nlocale = "en"', "a/b", "[streams.news]"),
    ],
)
def test_a_wrong_value_is_told_with_its_place_and_what_it_may_be(site: Site, setting: str, key: str, what: str) -> None:
    (site.root / "emdash.toml").write_text(setting)
    ran = site.run("config")
    assert ran.code == 2
    assert key in ran.err
    assert what in ran.err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('post_path = "/posts"', ("{slug}",)),
        ('post_path = "/x-{locale}/{slug}"', ("part of a segment", "/{locale}/posts/{slug}")),
        ('post_path = "/{lang}/{slug}"', ("unknown placeholder {lang}", "{slug} and {locale}")),
        ('default_locale = "e n"', ("default_locale", "language tag")),
    ],
)
def test_paths_of_posts_that_cannot_be(bare: Site, line: str, words: tuple[str, ...]) -> None:
    bare.write("emdash.toml", f"{line}\n")
    bare.run("config").fails(2, *words)


def test_settings_of_a_platform_are_shown_as_the_file_would_have_them(bare: Site) -> None:
    platform = '[platforms.x]\nkind = "x"\ntoken = "env:TOKEN"\n'
    bare.settings(platform + 'rate = "5/h"\nsince = 2026-01-01\n')
    lines = [line.split("\t") for line in bare.run("config").succeeds().out.splitlines()]
    shown = {name.removeprefix("platforms.x."): (value, origin) for name, value, origin in lines}
    assert {key: shown[key][0] for key in ("rate", "since")} == {"rate": "5/h", "since": "2026-01-01"}
    defaults = {"on_update": "ignore", "stale_after": "7d", "timeout": "30", "allow_private": "false"}
    assert {key: shown[key] for key in defaults} == {key: (value, "default") for key, value in defaults.items()}
    bare.settings(platform + 'rate = "100/15min"\non_update = "ignore"\nstale_after = "7d"\n')
    bare.run("config").succeeds()
