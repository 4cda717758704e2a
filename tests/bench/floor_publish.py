"""The floor: read and parse the files, insert prepared rows in one transaction, rename the files. Nothing else."""

import json
import os
import sqlite3
import sys

queue, archive, store = sys.argv[1:4]
prepared = sys.argv[4]
with open(prepared, encoding="utf-8") as file:  # noqa: PTH123 - pathlib is no part of the floor
    CONTENT = file.read()
connection = sqlite3.connect(store, isolation_level=None)
connection.execute("PRAGMA synchronous=FULL")
connection.execute("BEGIN IMMEDIATE")
names = sorted(os.listdir(queue))  # noqa: PTH208
for number, name in enumerate(names):
    with open(f"{queue}/{name}", "rb") as file:  # noqa: PTH123
        article = json.loads(file.read())
    post = f"{number:026}"
    revision = '{"title":' + json.dumps(article["title"]) + ',"content":' + CONTENT + "}"
    connection.execute(
        "INSERT INTO publish_ledger (key, digest, post_id, revision_id, translation_group, outcome, stream, file,"
        " locale, slug, recorded_at, run_id) VALUES (?, ?, ?, ?, ?, 'published', 'default', ?, 'en', ?, ?, ?)",
        (post, post, post, post, post, name, f"{number}-slug", "2026-01-01T00:00:00.000Z", "run"),
    )
    connection.execute(
        "INSERT INTO revisions (id, collection, entry_id, data) VALUES (?, 'posts', ?, ?)", (post, post, revision)
    )
    connection.execute(
        "INSERT INTO ec_posts (id, slug, status, published_at, live_revision_id, translation_group, title, content,"
        " excerpt) VALUES (?, ?, 'published', '2026-01-01T00:00:00.000Z', ?, ?, ?, ?, 'excerpt')",
        (post, f"{number}-slug", post, post, article["title"], CONTENT),
    )
connection.execute("COMMIT")
for name in names:
    os.rename(f"{queue}/{name}", f"{archive}/{name}")  # noqa: PTH104
