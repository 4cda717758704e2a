"""Figures in the text format of Prometheus, as JSON, in a file, or behind an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from emdash_cli.domain.errors import EmdashError, UsageError
from emdash_cli.reports.metrics import BOUNDS_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from prometheus_client import Metric

    from emdash_cli.reports.metrics import Distributed, Family

_PREFIX: Final = "emdash_"
_UP: Final = "up"
_UP_ABOUT: Final = "1 if the store answered."


class _Collector:
    """What the library's registries ask for figures, once for each time that they are read.

    Args:
        read: the figures; None: the store is away.
    """

    def __init__(self, read: Callable[[], Sequence[Family] | None]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        found = self._read()
        yield GaugeMetricFamily(_PREFIX + _UP, _UP_ABOUT, value=int(found is not None))
        for family in found or ():
            yield _metric(family)


def _metric(family: Family) -> Metric:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    name, labels = _PREFIX + family.name, family.labels
    if family.kind == "histogram":
        histogram = HistogramMetricFamily(name, family.about, labels=labels)
        for each in family.histograms:
            histogram.add_metric(each.labels, _buckets(each), each.total)
        return histogram
    kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    metric = kind(name, family.about, labels=labels)
    for sample in family.samples:
        metric.add_metric(sample.labels, sample.value)
    return metric


def _buckets(found: Distributed) -> list[tuple[str, float]]:
    from prometheus_client.utils import floatToGoString

    bounds = [*map(floatToGoString, BOUNDS_S), "+Inf"]
    return [(bound, sum(found.numbers[: place + 1])) for place, bound in enumerate(bounds)]


def _registry(read: Callable[[], Sequence[Family] | None]) -> Any:
    from prometheus_client import CollectorRegistry, disable_created_metrics

    # Each would double the series of a counter, to say when it began.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(read))
    return registry


def text(found: Sequence[Family] | None) -> str:
    """The figures in the text format of Prometheus; None: the store is away.

    https://prometheus.io/docs/instrumenting/exposition_formats/
    """
    from prometheus_client import generate_latest

    return generate_latest(_registry(lambda: found)).decode()


def save(path: Path, read: Callable[[], Sequence[Family]]) -> None:
    """Replace the file, for the textfile collector of node_exporter, which may read it at any moment.

    Raises:
        UsageError: it cannot be written.
        EmdashError: the figures cannot be read; the file says so.
    """
    from emdash_cli.views import output

    try:
        found = read()
    except EmdashError:
        output.save(path, text(None))
        raise
    output.save(path, text(found))


def serve(
    address: tuple[str, int],
    read: Callable[[], Sequence[Family]],
    stopped: Callable[[], bool],
    sleep: Callable[[float], None],
) -> None:
    """Answer at that address, and at no other, until stopped.

    Raises:
        UsageError: nothing can listen there.
    """
    from prometheus_client import start_http_server

    from emdash_cli.views import output

    host, port = address
    try:
        server, thread = start_http_server(port, host, _registry(lambda: _or_none(read)))
    except OSError as error:
        raise UsageError(f"nothing can listen at {host}:{port}: {error.strerror}", hint="name another port") from error
    shown = f"[{host}]" if ":" in host else host
    output.note(f"listening at http://{shown}:{server.server_port}/metrics")
    while not stopped():
        sleep(0.2)
    server.shutdown()
    server.server_close()
    thread.join()


def _or_none(read: Callable[[], Sequence[Family]]) -> Sequence[Family] | None:
    try:
        return read()
    except EmdashError:
        return None


def show_json(found: Sequence[Family], at: str) -> None:
    """Print the figures as one document."""
    from emdash_cli.views import json_form
    from emdash_cli.views.documents import blog

    figures = [figure for family in found for figure in _figures(family)]
    json_form.show(blog.Metrics(at, tuple(figures)))


def _figures(family: Family) -> Iterator[Any]:
    from emdash_cli.views.documents.blog import Figure

    name = _PREFIX + family.name
    full = f"{name}_total" if family.kind == "counter" else name
    for sample in family.samples:
        yield Figure(full, dict(zip(family.labels, sample.labels, strict=True)), sample.value)
    for each in family.histograms:
        labels = dict(zip(family.labels, each.labels, strict=True))
        for bound, number in _buckets(each):
            yield Figure(f"{name}_bucket", {**labels, "le": bound}, number)
        yield Figure(f"{name}_count", labels, sum(each.numbers))
        yield Figure(f"{name}_sum", labels, each.total)
