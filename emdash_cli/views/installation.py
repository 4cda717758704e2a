"""The reports of `init`, `config`, `doctor` and `users`: a blog's parts, settings, health and users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import Exit
from emdash_cli.domain.outcome import Finding, Health
from emdash_cli.views import output

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emdash_cli.domain.roles import Person
    from emdash_cli.maintenance.init import Step
    from emdash_cli.reports.settings import Setting, Shown
    from emdash_cli.settings import Settings
    from emdash_cli.views.documents import blog

_CHANGES: Final = frozenset({"created", "applied"})
"""States of a part that was not there before."""


def show_steps(steps: Iterable[Step], *, as_json: bool, dry_run: bool) -> bool:
    """Print the parts of a blog as `init` reports them, and return whether anything changed, or would."""
    if as_json:
        from emdash_cli.views import json_form
        from emdash_cli.views.documents import blog

        made = tuple(blog.InitStep.of(step) for step in steps)
        changed = any(step.state in _CHANGES for step in made)
        json_form.show(blog.InitRun(dry_run, changed, made))
        return changed
    changed = False
    for step in steps:
        changed |= step.state in _CHANGES
        _show_step(step, dry_run=dry_run)
    if not changed:
        output.note("nothing " + ("would be" if dry_run else "was") + " changed: everything exists already")
    return changed


def _show_step(step: Step, *, dry_run: bool) -> None:
    made = step.state in _CHANGES
    state = f"would be {step.state}" if made and dry_run else str(step.state)
    if not output.is_terminal():
        output.data(f"{state}\t{step.kind}\t{step.name}\t{step.note}".rstrip())
    else:
        note = f"  {step.note}" if step.note else ""
        output.data(f"{output.styled(f'{state:<8}', 'green' if made else 'bright_black')} {step.name}{note}")
    for statement in step.sql if dry_run else ():
        output.data(f"{statement};")


def settings_document(found: Sequence[Setting], settings: Settings) -> blog.Configuration:
    """Every setting as a JSON document."""
    from emdash_cli.views.documents import blog

    file = str(settings.file) if settings.file else None
    return blog.Configuration(file, str(settings.root), {each.key: blog.Setting.of(each) for each in found})


def show_settings(found: Sequence[Setting], settings: Settings, *, as_json: bool) -> None:
    """Print every setting with its value and where it comes from."""
    file = str(settings.file) if settings.file else None
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(settings_document(found, settings))
        return
    rows = [(setting.key, _value(setting.value), _origin(setting.origin, file)) for setting in found]
    output.table(("setting", "value", "from"), rows)
    if not file:
        output.note(f"there is no emdash.toml in {settings.root}: run `emdash init` to create one")


def _value(value: Shown) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _origin(origin: str, file: str | None) -> str:
    return "emdash.toml" if origin == file and file.endswith("/emdash.toml") else origin


_HEALTH_COLOURS = {
    Health.OK: "green",
    Health.SKIPPED: "bright_black",
    Health.WARNING: "yellow",
    Health.PROBLEM: "red",
}


def findings_document(findings: Sequence[Finding]) -> blog.Checkup:
    """The checks of `doctor` as a JSON document."""
    from emdash_cli.views.documents import blog

    is_ok = all(finding.health is not Health.PROBLEM for finding in findings)
    return blog.Checkup(is_ok, tuple(blog.Finding(*finding) for finding in findings))


def show_findings(found: Iterable[Finding], *, as_json: bool) -> Exit:
    """Print the checks of `doctor` as they are made, and return the exit code."""
    findings: list[Finding] = []
    for finding in found:
        findings.append(finding)
        if not as_json:
            _show_finding(finding)
    problems = sum(finding.health is Health.PROBLEM for finding in findings)
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(findings_document(findings))
    else:
        output.note(f"{problems} {'problem' if problems == 1 else 'problems'}" if problems else "no problems found")
    return Exit.PARTLY if problems else Exit.DONE


def _show_finding(finding: Finding) -> None:
    if not output.is_terminal():
        output.data(f"{finding.health}\t{finding.check}\t{finding.message}\t{finding.hint}".rstrip())
        return
    health = output.styled(f"{finding.health:<7}", _HEALTH_COLOURS[finding.health])
    output.data(f"{health} {finding.check}: {finding.message}")
    if finding.hint:
        output.data(f"        {finding.hint}")


def users_document(people: Iterable[Person]) -> tuple[blog.User, ...]:
    """The users as a JSON document."""
    from emdash_cli.views.documents import blog

    return tuple(blog.User.of(one, role=one.role.title) for one in people)


def show_users(people: Iterable[Person], *, as_json: bool) -> None:
    """Print every user with their role."""
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(users_document(people))
        return
    rows = [
        (
            output.sanitized(one.email),
            one.role.title,
            output.sanitized(one.name or ""),
            "disabled" if one.disabled else "",
        )
        for one in people
    ]
    output.table(("E-mail", "Role", "Name", ""), rows)


UNCHANGED: Final = "unchanged"
"""The outcome for a user who had that role or state already."""


def show_user_change(outcome: str, one: Person, *, as_json: bool, dry_run: bool) -> None:
    """Print what was done to a user."""
    if as_json:
        from emdash_cli.views import json_form
        from emdash_cli.views.documents import blog

        json_form.show(blog.UserChange.of(one, outcome=outcome, role=one.role.title, dry_run=dry_run))
        return
    output.data("\t".join([f"{'would be ' if dry_run else ''}{outcome}", one.email, one.role.title]))
    if outcome == UNCHANGED:
        state = "disabled" if one.disabled else "not disabled"
        output.note(f"nothing changed: {one.email} already has the role {one.role.title} and is {state}")
