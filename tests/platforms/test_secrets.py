"""A planted secret that every platform repeats in its answers, looked for wherever something is said or kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli import platforms
from tests.harness.receiver import Receiver, receiver
from tests.platforms.servers.base import SECRET, Said, Seen
from tests.platforms.servers.bluesky import SESSION
from tests.platforms.support import ENVIRONMENT
from tests.targets import swept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.site import Site
    from tests.platforms.servers.base import Server

PLANTED = (SECRET, ENVIRONMENT["PLANTED_KEY"], SESSION)
SAYING: tuple[tuple[str, ...], ...] = (
    ("distribute", "--json"),
    ("jobs", "list"),
    ("jobs", "list", "--json"),
    ("jobs", "show", "1"),
    ("jobs", "show", "1", "--json"),
    ("jobs", "show", "2", "--json"),
    ("dead", "list", "--json"),
    ("dead", "replay", "--all"),
    ("distribute",),
    ("platforms", "list", "--json"),
    ("platforms", "check", "--json"),
    ("platforms", "check"),
    ("show", "a"),
    ("posts", "--json"),
    ("history", "a", "--json"),
    ("status", "--json"),
    ("metrics",),
    ("metrics", "--json"),
    ("metrics", "--textfile", "emdash.prom"),
    ("preview", "a", "--json"),
    ("doctor", "--json"),
)


@pytest.fixture
def pager() -> Iterator[Receiver]:
    """Where alarms go."""
    with receiver() as found:
        yield found


def toml(value: Any) -> str:
    return json.dumps(value)


def settings(server: Server, pager: Receiver) -> str:
    keys = "\n".join(f"{key} = {toml(value)}" for key, value in server.settings(server.base).items())
    return f"""
site_url = "https://blog.example.com"
[streams.default]
slug = "{{name}}"
platforms = ["planted"]
[platforms.planted]
kind = "{server.KIND}"
allow_private = true
rate = "6000/min"
{keys}
[alarms]
webhook = "{pager.url}/alarms"
secret = "env:PLANTED_KEY"
allow_private = true
"""


@pytest.mark.parametrize("status", swept(401, 200, 400))
def test_a_secret_that_a_platform_repeats_is_nowhere(
    server: Server, site: Site, pager: Receiver, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    site.environment |= ENVIRONMENT
    site.settings(settings(server, pager))
    for name in ("a", "b"):
        site.put(f"{name}.json")
    site.run("publish-queue").succeeds()

    def repeat(seen: Seen) -> Said:
        if not server.posts(seen):
            return server.answer(seen)
        told = {"error": f"{seen.path} {seen.headers} {seen.body.decode()}", "message": str(seen.headers)}
        return Said(status, told, {"X-Echo": seen.headers.get("authorization", ""), "Location": seen.path})

    server.instead = repeat
    said = [site.run("distribute"), *(site.run(*words) for words in SAYING)]
    assert any(planted in str(server.requests) for planted in PLANTED) or server.KIND in {"indexnow", "webhook"}
    kept = {name: raw.decode("utf-8", "replace") for name, raw in site.tree().items() if raw}
    places = {
        "output": "".join(result.out + result.err for result in said) + str(capfd.readouterr()),
        "store": "\n".join(site.dump()),
        "alarms": str([(request.headers, request.body) for request in pager.requests]),
        **kept,
    }
    for place, text in places.items():
        for planted in PLANTED:
            assert planted not in text, (place, text[max(0, text.index(planted) - 200) :][:400])


@pytest.mark.parametrize("template", ['"{{ title }}"', '{ default = "{{ title }}", de = "Neu: {{ title }}" }', None])
def test_the_settings_of_every_kind_are_shown(
    server: Server, site: Site, pager: Receiver, template: str | None
) -> None:
    has_template = "template" in platforms.find(server.KIND).Settings.__annotations__
    if template and not has_template:
        return
    more = f"template = {template}\n[alarms]" if template else "[alarms]"
    site.settings(settings(server, pager).replace("[alarms]", more))
    shown = dict(line.split("\t")[:2] for line in site.run("config").succeeds().lines)
    assert shown["platforms.planted.kind"] == server.KIND
    assert not has_template or any(key.startswith("platforms.planted.template") for key in shown)
    site.run("config", "--json").succeeds()
