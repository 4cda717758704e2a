"""The durable job queue: claim, send, judge, recover. See docs/decisions/jobs.md."""
