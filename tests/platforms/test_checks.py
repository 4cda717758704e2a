"""`emdash platforms check` on every kind, against servers that answer as documented: it posts nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.platforms.servers.base import SECRET, Said
from tests.platforms.support import ENVIRONMENT, server_of

if TYPE_CHECKING:
    from tests.harness.site import Site
    from tests.platforms.servers.base import Seen, Server

ASKED = {
    "mastodon": ("@blog; a status may have 500 characters", "/api/v1/accounts/verify_credentials", "/api/v2/instance"),
    "telegram": ("@blog_bot, and knows the chat blog", f"/bot{SECRET}/getMe", f"/bot{SECRET}/getChat"),
    "bluesky": ("signed in as blog.test", "/xrpc/com.atproto.server.createSession"),
    "devto": ("the account is blog", "/api/users/me"),
    "x": ("@blog; X may charge 0.01 USD", "/2/users/me"),
    "linkedin": ("Jane of the blog (urn:li:person:abc123XYZ)", "/v2/userinfo"),
    "cloudflare-cache": ("the zone blog.example", "/zones/0123456789abcdef0123456789abcdef"),
    "indexnow": ("the key is shown at http://127.0.0.1:", "/0123456789abcdef.txt"),
}
"""What is said of good credentials, and the paths that are asked for."""


def set_up(site: Site, server: Server, **changed: Any) -> None:
    """Write the server's settings, as a person would."""
    keys = {**server.settings(server.base), **changed}
    lines = [f"{name} = {json.dumps(value)}" for name, value in keys.items()]
    site.settings(f'site_url = "{server.base}"\n[platforms.one]\nkind = "{server.KIND}"\nallow_private = true')
    with (site.root / "emdash.toml").open("a") as file:
        file.write("\n" + "\n".join(lines) + "\n")
    site.environment.update(ENVIRONMENT)


def check(site: Site, code: int = 0) -> dict[str, Any]:
    ran = site.run("platforms", "check", "--json").fails(code)
    assert SECRET not in ran.out + ran.err
    (found,) = ran.json["checks"]
    assert isinstance(found, dict)
    return found


def test_every_kind_that_can_be_asked_is_asked_and_posts_nothing(site: Site, server: Server) -> None:
    set_up(site, server)
    found = check(site)
    if server.KIND not in ASKED:
        assert server.KIND in {"target", "webhook"}
        assert found["outcome"] == "unchecked"
        assert "the settings are complete; there is nothing to ask" in found["message"]
        assert server.requests == []
        return
    said, *paths = ASKED[server.KIND]
    assert found["outcome"] == "ok"
    assert said in found["message"]
    assert [request.path for request in server.requests] == paths
    assert server.held == []


@pytest.mark.parametrize("kind", sorted({*ASKED} - {"indexnow"}))
def test_other_credentials_are_refused(site: Site, kind: str) -> None:
    with server_of(kind) as server:
        set_up(site, server)
        site.environment["PLANTED"] = "another"
        found = check(site, 3)
        assert found["outcome"] == "failed"
        assert found["hint"] == "check the credentials of [platforms.one]"


@pytest.mark.parametrize("kind", sorted(ASKED))
def test_a_platform_that_is_down_is_not_a_fault_of_the_settings(site: Site, kind: str) -> None:
    with server_of(kind) as server:
        set_up(site, server)
        server.instead = lambda _: Said(503, {"message": "down"})
        assert check(site, 3)["hint"] == "try again later"


@pytest.mark.parametrize(
    ("kind", "changed", "path", "said", "message"),
    [
        ("mastodon", {"limit": 5000}, None, None, "the server takes 500 characters, and `limit` is 5000"),
        ("telegram", {"chat": "@other"}, None, None, "chat not found"),
        ("linkedin", {"author": "other1"}, None, None, "the token is of urn:li:person:abc123XYZ, and `author` is"),
        ("x", {}, "/2/users/me", Said(402, {}), "the account has no credits left"),
        ("indexnow", {"key": "fedcba9876543210"}, None, None, "fedcba9876543210.txt does not exist"),
        ("indexnow", {}, "/0123456789abcdef.txt", Said(200, b"<html>"), "shows another key; see `emdash indexnow key`"),
        ("cloudflare-cache", {"zone": "f" * 32}, f"/zones/{'f' * 32}", Said(404, {}), "does not know the zone"),
    ],
)
def test_other_faults_are_named(
    site: Site, kind: str, changed: dict[str, Any], path: str | None, said: Said | None, message: str
) -> None:
    with server_of(kind) as server:
        set_up(site, server, **changed)
        answer_to(server, path, said)
        found = check(site, 3)
        assert message in found["message"]


@pytest.mark.parametrize(
    ("kind", "path", "message"),
    [
        ("linkedin", "/v2/userinfo", "the token is accepted; without the scopes openid and profile"),
        ("cloudflare-cache", "/zones/0123456789abcdef0123456789abcdef", "the token is active; without the permission"),
    ],
)
def test_a_token_that_may_only_post_is_accepted(site: Site, kind: str, path: str, message: str) -> None:
    with server_of(kind) as server:
        set_up(site, server)
        answer_to(server, path, Said(403, {"success": False, "errors": [{"code": 10000}]}))
        assert message in check(site)["message"]


def test_a_token_of_cloudflare_that_has_expired_is_refused(site: Site) -> None:
    with server_of("cloudflare-cache") as server:
        set_up(site, server)
        expired = Said(200, {"success": True, "result": {"status": "expired"}})
        server.instead = lambda seen: expired if seen.path == "/user/tokens/verify" else Said(403, {})
        assert "the token is expired" in check(site, 3)["message"]


def test_the_age_of_a_token_of_linkedin_is_told(site: Site) -> None:
    with server_of("linkedin") as server:
        set_up(site, server, token_issued="2020-01-01")  # noqa: S106 - a date
        assert "LinkedIn's token has expired" in check(site)["message"]


def answer_to(server: Server, path: str | None, said: Said | None) -> None:
    """Have the server answer like this to requests for that path."""

    def answer(seen: Seen) -> Said:
        return said if said and seen.path == path else server.answer(seen)

    server.instead = answer
