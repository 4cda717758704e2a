# The Python to build with; everything else comes locked from uv.lock.
PYTHON ?= python3
UV_VERSION = 0.13.9
UV = .cache/uv/bin/uv

.PHONY: demo test check bench test-emdash clean
.DEFAULT_GOAL := test

$(UV):
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("emdash needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .cache/uv
	.cache/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# Byte code is compiled at install: without it every start is several times slower.
.venv/.ready: $(UV) pyproject.toml uv.lock
	$(UV) sync --quiet --frozen --compile-bytecode --python $(PYTHON)
	@touch $@
