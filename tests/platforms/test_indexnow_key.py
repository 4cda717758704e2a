"""`emdash indexnow key`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site

KEY = "4f1c0a7be2d94b0c"
SETTINGS = f'site_url = "https://blog.example"\n[platforms.engines]\nkind = "indexnow"\nkey = "{KEY}"\n'


def test_a_new_key_is_made_while_there_is_none(site: Site) -> None:
    first, second = (site.run("indexnow", "key").succeeds() for _ in range(2))
    key, url = first.out.rstrip("\n").split("\t")
    assert re.fullmatch(r"[0-9a-f]{32}", key)
    assert url == f"http://localhost:4321/{key}.txt"
    assert key not in second.out
    site.settings(first.err.partition(":\n")[2])
    assert site.run("indexnow", "key").succeeds().out == first.out


def test_the_key_of_the_settings_is_written_where_the_site_shows_it(site: Site) -> None:
    site.settings(SETTINGS)
    (site.root / "public").mkdir()
    assert site.run("indexnow", "key", "--write", "public", "--dry-run").succeeds().out.endswith(f"{KEY}.txt\n")
    assert list((site.root / "public").iterdir()) == []
    for _ in range(2):
        line = site.run("indexnow", "key", "--write", "public").succeeds().out
        assert line == f"{KEY}\thttps://blog.example/{KEY}.txt\tpublic/{KEY}.txt\n"
        assert (site.root / f"public/{KEY}.txt").read_bytes() == KEY.encode()


def test_the_file_is_called_as_its_address_says(site: Site) -> None:
    site.settings(f'{SETTINGS}key_location = "https://blog.example/proof/key.txt"\n')
    told = site.run("indexnow", "key", "--write", ".", "--json").succeeds().json
    assert told == {
        "platform": "engines",
        "key": KEY,
        "url": "https://blog.example/proof/key.txt",
        "file": "key.txt",
        "dry_run": False,
    }


def test_another_file_is_not_overwritten(site: Site) -> None:
    site.settings(SETTINGS)
    site.write(f"{KEY}.txt", "mine")
    site.run("indexnow", "key", "--write", ".").fails(2, f"{KEY}.txt exists")
    assert (site.root / f"{KEY}.txt").read_text() == "mine"
    site.run("indexnow", "key", "--write", "nowhere").fails(2, "there is no folder nowhere")


@pytest.mark.parametrize(
    ("more", "options", "why"),
    [
        (SETTINGS.partition("\n")[2].replace("engines", "more"), (), "several platforms of the kind indexnow"),
        ("", ("--platform", "engine"), "did you mean `engines`?"),
        ('[platforms.t]\nkind = "target"\nurl = "https://x.example"\n', ("--platform", "t"), "choose from: engines"),
    ],
)
def test_the_platform_must_be_clear(site: Site, more: str, options: tuple[str, ...], why: str) -> None:
    site.settings(SETTINGS + more)
    site.run("indexnow", "key", *options).fails(2, why)
