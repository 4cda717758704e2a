"""Map the keys of a document, whichever tool it was written for, to the fields of a queue file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emdash_cli.domain.article import STATUSES
from emdash_cli.domain.authors import without_addresses
from emdash_cli.domain.queue_file.key_names import (
    BODY_NAMES,
    RULES,
    VISIBILITY,
    Rule,
    misspelt,
    recognised,
    recognised_part,
    squeezed,
)
from emdash_cli.domain.queue_file.readings import (
    EXPIRED,
    HIDES,
    KEPT,
    KeyReading,
    names_authors,
    names_categories,
    rewords_status,
)
from emdash_cli.domain.queue_file.shapes import Problem, QueueFileError, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emdash_cli.domain.queue_file.strict_json import Path


_SWITCHES: Final = tuple(rule for rule in VISIBILITY if "expires" not in rule.names)
"""Rules for keys whose values are true, false or a word, never a number or a list."""

MAX_KEYS: Final = 200
"""Maximum number of keys of one object, since each unknown one is compared with all known ones."""


class Fault(NamedTuple):
    """A problem whose line was not looked up yet."""

    path: Path
    message: str
    hint: str = ""


class Mapped(NamedTuple):
    """A document whose keys are those of `FIELDS`."""

    data: dict[str, Any]
    origins: dict[str, Path]
    """Field (``seo.title``) → the place of its value in the document."""
    faults: list[Fault]

    def origin(self, path: Path) -> Path:
        """The place in the document of the part of `data` at the path."""
        for length in range(len(path), 0, -1):
            found = self.origins.get(".".join(map(str, path[:length])))
            if found is not None:
                return (*found, *path[length:])
        return path


def _is_empty(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _may_mean(value: Any, meant: str) -> bool:
    """Whether the key could have this value; ``archive: [2022]`` is not a misspelt ``archived: true``."""
    rule = recognised(meant).rule
    return rule not in _SWITCHES or isinstance(value, (bool, str))


class _Mapper:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.data: dict[str, Any] = {}
        self.origins: dict[str, Path] = {}
        self.faults: list[Fault] = []
        self.free: dict[str, Any] = {}
        self.more_tags: list[Any] = []

    def run(self) -> Mapped:
        later: list[tuple[str, Any, Rule]] = []
        crowded = self.is_crowded((), self.document)
        for key, value in self.document.items():
            known = recognised(key)
            if value is None or (_is_empty(value) and known.may_be_empty):
                continue
            if known.field:
                self.take_field(known.field, key, value)
            elif known.rule:
                later.append((key, value, known.rule))
            elif not crowded and (meant := misspelt(key)) and _may_mean(value, meant):
                self.fault((key,), "is an unknown key", f"did you mean {quoted(meant)}?")
            else:
                self.keep(key, value)
        # Firm rules come first, then the order of the table and of names, so that the order in the file does not
        # matter.
        for key, value, rule in sorted(later, key=lambda entry: (_rank(entry[2]), entry[0])):
            self.take_foreign(key, value, rule)
        self.finish()
        return Mapped(self.data, self.origins, self.faults)

    def fault(self, path: Path, message: str, hint: str = "") -> None:
        self.faults.append(Fault(path, message, hint))

    def is_crowded(self, path: Path, holder: Mapping[str, Any]) -> bool:
        if len(holder) <= MAX_KEYS:
            return False
        self.fault(path, f"has {len(holder)} keys; the maximum is {MAX_KEYS}", 'put them into "metadata"')
        return True

    def keep(self, key: str, value: Any) -> None:
        self.free[key] = value
        self.origins[f"metadata.{key}"] = (key,)

    def take_field(self, field: str, key: str, value: Any) -> None:
        if field in BODY_NAMES:
            self.take_body("blocks" if isinstance(value, list) and field != "body_text" else "body_text", key, value)
        elif field in ("seo", "featured_image"):
            self.take_parts(field, key, value)
        elif field == "category" and isinstance(value, list):
            self.take_categories(key, value)
        elif field == "author":
            self.take_author(key, value)
        else:
            self.put(
                field,
                (key,),
                rewords_status(value) if field == "status" and isinstance(value, str) else value,
            )

    def take_author(self, key: str, value: Any) -> None:
        reading = names_authors(value, self.data)
        if reading.sets:
            self.put("author", (key,), reading.sets["author"])
        if reading.keep:
            self.keep(key, without_addresses(value))

    def take_categories(self, key: str, names: list[Any]) -> None:
        reading = names_categories(names, {}).sets
        self.more_tags.extend(reading.get("more_tags", ()))
        if "category" in reading:
            self.put("category", (key,), reading["category"])

    def take_body(self, field: str, key: str, value: Any) -> None:
        for other in ("body_text", "blocks"):
            if other in self.data:
                first = self.origins[other][0]
                self.fault((key,), f"the body is already given, as {quoted(str(first))}", "keep one of them")
                return
        self.put(field, (key,), value)

    def take_parts(self, field: str, key: str, value: Any) -> None:
        if field == "featured_image" and isinstance(value, str):
            value = {"src": value}
            self.origins.setdefault("featured_image.src", (key,))
        if not isinstance(value, dict):
            self.put(field, (key,), value)
            return
        self.origins.setdefault(field, (key,))
        if self.is_crowded((key,), value):
            return
        rest: dict[str, Any] = {}
        for part, content in value.items():
            name, meant = recognised_part(part, field)
            if name and (content is None or _is_empty(content)):
                continue
            if name:
                self.put(f"{field}.{name}", (key, part), content)
            elif meant:
                self.fault((key, part), "is an unknown key", f"did you mean {quoted(meant)}?")
            elif not name:
                rest[part] = content
        if rest:
            self.keep(key, rest)

    def put(self, field: str, path: Path, value: Any) -> None:
        """Set a field that may be set only once."""
        holder, name = self.holder(field)
        if name in holder and holder[name] != value:
            first = ".".join(map(str, self.origins.get(field, (field,))))
            self.fault(path, f"contradicts {quoted(first)}", "keep one of them")
            return
        if name not in holder:
            holder[name] = value
            self.origins.setdefault(field, path)

    def holder(self, field: str) -> tuple[dict[str, Any], str]:
        outer, _, inner = field.partition(".")
        if not inner:
            return self.data, outer
        held = self.data.setdefault(outer, {})
        return (held if isinstance(held, dict) else {}), inner

    def value(self, field: str) -> object:
        outer, _, inner = field.partition(".")
        held = self.data.get(outer)
        return held.get(inner) if inner and isinstance(held, dict) else held

    def is_free(self, field: str) -> bool:
        outer, _, inner = field.partition(".")
        if not inner:
            return outer not in self.data
        held = self.data.get(outer, {})
        return isinstance(held, dict) and inner not in held and (field != "featured_image.alt" or "src" in held)

    def take_foreign(self, key: str, value: Any, rule: Rule) -> None:
        reading = self.read(value, rule)
        if reading.refusal:
            message, hint = reading.refusal
            self.fault((key,), message, hint)
            return
        keep = reading.keep
        for field, content in reading.sets.items():
            if field == "more_tags":
                self.more_tags.extend(content)
            elif rule.firm:
                self.take_firm(field, key, content)
            else:
                keep |= not self.take_if_free(field, key, content, rule)
        if keep and "author" in rule.becomes:
            value = without_addresses(value)
        if keep and value is not None:
            self.keep(key, value)

    def read(self, value: Any, rule: Rule) -> KeyReading:
        if rule.read:
            return rule.read(value, self.data)
        if not rule.becomes:
            return KEPT
        return KeyReading({rule.becomes[0]: value})

    def take_firm(self, field: str, key: str, value: Any) -> None:
        if field in ("body_text", "blocks"):
            self.take_body(field, key, value)
        else:
            self.put(field, (key,), value)

    def take_if_free(self, field: str, key: str, value: Any, rule: Rule) -> bool:
        """Set the first free field of the rule. Returns whether there was one."""
        fields = (field, *rule.becomes[1:]) if not rule.read else (field,)
        for wanted in fields:
            if not self.is_free(wanted):
                continue
            if wanted == "featured_image":
                self.take_parts(wanted, key, value)
            else:
                self.put(wanted, (key,), value)
            return True
        return bool(self.value(fields[0]) == value)

    def finish(self) -> None:
        if self.more_tags:
            tags = self.data.get("tags", [])
            tags = tags.split(",") if isinstance(tags, str) else tags
            if isinstance(tags, list):
                self.data["tags"] = [*tags, *self.more_tags]
                held = next(
                    (key,) for key in self.document if squeezed(key) in ("category", "categories", "taxonomies")
                )
                self.origins.setdefault("tags", held)
        # The ledger keeps the texts for platforms in the metadata, too.
        kept = self.free | {"social": self.data["social"]} if "social" in self.data else self.free
        metadata = self.data.get("metadata", {})
        if not kept or not isinstance(metadata, dict):
            return
        for key, value in kept.items():
            if key in metadata and metadata[key] != value:
                path = self.origins.get(key, (key,))
                self.fault(path, 'is also in "metadata" with a different value', "keep one of them")
        if self.free:
            self.data["metadata"] = {**metadata, **self.free}


_ORDER: Final = {id(rule): place for place, rule in enumerate(RULES)}


def _rank(rule: Rule) -> tuple[bool, int]:
    return not rule.firm, _ORDER[id(rule)]


def sort_keys(document: Mapping[str, Any]) -> Mapped:
    """Map a document's keys to fields. Problems are collected as faults; nothing is raised."""
    return _Mapper(document).run()


TOO_EARLY: Final = "published, but publish_at is in the future"
NO_STATUS: Final = "which is not a status"


def as_draft(
    document: dict[str, Any], line_of: Callable[[Path], int | None], is_past: Callable[[object], bool]
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The document in acceptable form: a draft if something in it hides the article, with a notice for each such key.

    The key itself is moved to the metadata. An article that is published in the future is left to its time.

    Args:
        document: the keys and values of a file for any tool.
        line_of: returns the line of a part of the document.
        is_past: whether a time, as written, has passed.
    """
    mapped = sort_keys(document)
    status = next((key for key in document if recognised(key).field == "status"), None)
    hiding = [(str(fault.path[0]), fault.message) for fault in mapped.faults if fault.message in HIDES]
    if is_past(mapped.data.get("expires_at")):
        hiding.append((str(mapped.origin(("expires_at",))[0]), EXPIRED))
    state = mapped.data.get("status")
    if status and isinstance(state, str) and state.strip() and state not in STATUSES:
        hiding.append((status, f'is "{state}"'))
    found = dict(document)
    if not hiding:
        if status and state == "published" and "publish_at" in mapped.data:
            del found[status]  # The time expresses the same, and a future time means scheduled.
        return found, ()
    kept = {key: found.pop(key) for key, _ in hiding}
    if status:
        found.pop(status, None)
    metadata = found.get("metadata")
    found["metadata"] = {**kept, **(metadata if isinstance(metadata, dict) else {})}
    found["status"] = "draft"
    notices = tuple(Problem(line_of((key,)), key, message, "imported as a draft") for key, message in hiding)
    return found, notices


def advised(error: QueueFileError) -> QueueFileError:
    """The error, with a hint that names the option that accepts such files."""
    return QueueFileError((_advised(problem) for problem in error.problems), incomplete=error.incomplete)


def _advised(problem: Problem) -> Problem:
    message = problem.message
    if message == TOO_EARLY:
        return problem._replace(hint=f"{problem.hint}; --hidden-as-draft schedules it")
    if message in HIDES or message.endswith(NO_STATUS):
        return problem._replace(hint=f"{problem.hint}; --hidden-as-draft imports it as a draft")
    return problem
