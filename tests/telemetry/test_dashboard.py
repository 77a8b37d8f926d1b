"""The dashboard and the alert rules ask for metrics and labels that the hook reports."""

from __future__ import annotations

import inspect
import json
import re

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import Histogram, InMemoryMetricReader, Metric, Sum

from cdiscount_marketplace.telemetry import hook
from cdiscount_marketplace.telemetry.instruments import Instruments
from support.pages import ROOT

FOLDER = ROOT / "examples" / "grafana"
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
ALERTS = (FOLDER / "alerts.yaml").read_text(encoding="utf-8")
QUESTIONS = [
    *(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]),
    *re.findall(r"expr: (.*)", ALERTS),
]


def prometheus_names(metric: Metric) -> set[str]:
    """Return the names that Prometheus knows a metric by."""
    name = metric.name.replace(".", "_") + ("_seconds" if metric.unit == "s" else "")
    if isinstance(metric.data, Histogram):
        return {f"{name}_{part}" for part in ("bucket", "count", "sum")}
    return {f"{name}_total"} if isinstance(metric.data, Sum) else {name}


@pytest.fixture(scope="module")
def names() -> set[str]:
    reader = InMemoryMetricReader()
    instruments = Instruments(MeterProvider([reader]).get_meter("test"))
    for instrument in vars(instruments).values():
        use = next(getattr(instrument, verb) for verb in ("add", "record", "set") if hasattr(instrument, verb))
        use(1)
    data = reader.get_metrics_data()
    assert data is not None
    metrics = [metric for each in data.resource_metrics for scope in each.scope_metrics for metric in scope.metrics]
    return set().union(*map(prometheus_names, metrics))


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_is_about_what_is_reported(question: str, names: set[str]) -> None:
    labels = {name.replace(".", "_") for name in re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', inspect.getsource(hook))}
    asked = set(re.findall(r"\b(?:cdiscount|http|server|error)_[a-z_]+", question))
    assert asked & names
    assert asked - names - labels == set()


def test_every_metric_is_on_the_dashboard(names: set[str]) -> None:
    shown = " ".join(QUESTIONS)
    stems = {re.sub("_(bucket|count|sum)$", "", name) for name in names}
    assert {stem for stem in stems if stem not in shown} == set()


def test_panels_do_not_cover_each_other() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [
        (column, row)
        for each in places
        for column in range(each["x"], each["x"] + each["w"])
        for row in range(each["y"], each["y"] + each["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(column for column, _ in cells) < 24
