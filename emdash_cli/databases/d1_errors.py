"""The errors of a D1 database, in words that say what to do next."""

from __future__ import annotations

from typing import Final

from emdash_cli.domain.errors import CredentialsError, DatabaseError, UnavailableError

TOKEN_VARIABLE: Final = "CLOUDFLARE_API_TOKEN"  # noqa: S105  # the name of the variable, not its value
_AGAIN: Final = "run again later, nothing is lost or done twice"
_GIVEN_BY: Final = "CLOUDFLARE_API_BASE_URL or, in emdash.toml, `api_base_url`"


def unavailable(said: str, *, code: str = "store_unavailable") -> UnavailableError:
    """D1 cannot be had at present, and nothing is known to be wrong with the batch."""
    return UnavailableError(
        f"D1 does not answer as it should: {said}",
        hint=f"{_AGAIN}; outages: https://www.cloudflarestatus.com",
        code=code,
    )


def denied(said: str) -> CredentialsError:
    """The token is none that Cloudflare knows."""
    return CredentialsError(
        f"Cloudflare does not accept the token in {TOKEN_VARIABLE}: {said}",
        hint=f"make a token with the permission Account / D1 / Edit and set {TOKEN_VARIABLE} to it",
    )


def not_allowed(said: str) -> CredentialsError:
    """The token lacks the permission."""
    return CredentialsError(
        f"the token in {TOKEN_VARIABLE} may not use this database: {said}",
        hint="give it the permission Account / D1 / Edit for this account, or correct the account's id",
    )


def missing(said: str) -> DatabaseError:
    """There is no such account or database."""
    return DatabaseError(
        f"no such D1 database is known: {said}",
        hint="compare the account's and the database's id with `wrangler d1 list`",
        code="store_missing",
    )


def no_api(said: str) -> DatabaseError:
    """Something else answers."""
    return DatabaseError(
        f"what answers at the base URL is not Cloudflare's API: {said}",
        hint=f"see whether a proxy is in between; another URL than Cloudflare's is given by {_GIVEN_BY}",
        code="store_missing",
    )


def cannot_run(said: str) -> DatabaseError:
    """The database is not as it should be, whatever is written to it."""
    return DatabaseError(
        f"D1 cannot run the batch: {said}",
        hint="this is the database's fault, not an article's: check its tables and triggers, and run `emdash doctor`",
    )


def not_taken(said: str) -> DatabaseError:
    """The API, or something before it, does not want the request, whatever is in it."""
    return DatabaseError(
        f"D1 did not take the request: {said}",
        hint="no article is at fault: see whether a proxy is in between, and run `emdash doctor`",
    )


def placed(error: DatabaseError, base_url: str) -> DatabaseError:
    """The error, of an API at another URL than Cloudflare's: where that is, since it may be wrong."""
    match error.code:
        case "store_missing":
            hint = f"correct that URL, given by {_GIVEN_BY}; or the account's and the database's id"
        case "store_unavailable" | "store_unreachable" | "store_timed_out":
            hint = f"{_AGAIN}; if it lasts, correct that URL, given by {_GIVEN_BY}"
        case _:
            return error
    return type(error)(f"at {base_url}: {error.message}", hint=hint, code=error.code)
