"""What an operator watches, for Prometheus: jobs, how long they take, and why they fail."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

_LENGTHS = (5, 10, 20, 40, 60, 120, 300, 600, 1800)
"""Upper bounds of the histogram's buckets, in seconds."""

disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry()
"""The studio's own figures, without those that the library adds to its default registry."""

JOBS = Counter("studio_jobs", "Jobs that ended.", ["outcome"], registry=REGISTRY)
"""`outcome`: done, failed or cancelled."""
FAILURES = Counter("studio_failures", "Jobs that failed.", ["reason"], registry=REGISTRY)
"""`reason`: the class of the error."""
RENDER_SECONDS = Histogram(
    "studio_render_seconds", "Time that finished jobs took.", buckets=_LENGTHS, registry=REGISTRY
)
VIDEO_SECONDS = Counter("studio_video_seconds", "Length of the videos made.", registry=REGISTRY)
WAITING = Gauge("studio_jobs_waiting", "Jobs of HTTP and MCP that wait.", registry=REGISTRY)
RUNNING = Gauge("studio_jobs_running", "Jobs that run.", registry=REGISTRY)


def exposition() -> bytes:
    """All figures in Prometheus's text format."""
    return generate_latest(REGISTRY)
