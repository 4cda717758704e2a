"""The floor on D1: read and parse the files, send raw batches of 100 with prepared rows, rename. Nothing else."""

import http.client
import json
import os
import sys
from urllib.parse import urlsplit

queue, archive, query_url, prepared = sys.argv[1:5]
GROUP = 100
with open(prepared, encoding="utf-8") as file:  # noqa: PTH123 - pathlib is no part of the floor
    CONTENT = file.read()
POST = (
    "INSERT INTO ec_posts (id, slug, status, published_at, live_revision_id, translation_group, title, content,"
    " excerpt) VALUES (?1, ?2, 'published', '2026-01-01T00:00:00.000Z', ?1, ?1, ?3, ?4, 'excerpt')"
)
REVISION = "INSERT INTO revisions (id, collection, entry_id, data) VALUES (?1, 'posts', ?1, ?2)"
LEDGER = (
    "INSERT INTO publish_ledger (key, digest, post_id, revision_id, translation_group, outcome, stream, file, locale,"
    " slug, recorded_at, run_id) VALUES (?1, ?1, ?1, ?1, ?1, 'published', 'default', ?2, 'en', ?3,"
    " '2026-01-01T00:00:00.000Z', 'run')"
)
target = urlsplit(query_url)
connection = http.client.HTTPConnection(target.netloc)
headers = {"Authorization": f"Bearer {os.environ['CLOUDFLARE_API_TOKEN']}", "Content-Type": "application/json"}
names = sorted(os.listdir(queue))  # noqa: PTH208
for begin in range(0, len(names), GROUP):
    batch = []
    for number, name in enumerate(names[begin : begin + GROUP], begin):
        with open(f"{queue}/{name}", "rb") as file:  # noqa: PTH123
            article = json.loads(file.read())
        post = f"{number:026}"
        slug = f"{number}-slug"
        revision = '{"title":' + json.dumps(article["title"]) + ',"content":' + CONTENT + "}"
        batch.append({"sql": REVISION, "params": [post, revision]})
        batch.append({"sql": POST, "params": [post, slug, article["title"], CONTENT]})
        batch.append({"sql": LEDGER, "params": [post, name, slug]})
    connection.request("POST", target.path, json.dumps({"batch": batch}), headers)
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != http.HTTPStatus.OK:
        sys.exit(said.decode())
for name in names:
    os.rename(f"{queue}/{name}", f"{archive}/{name}")  # noqa: PTH104
