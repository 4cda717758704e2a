"""The tool's tables, as they came to be: numbered files that `emdash init` applies in order, each once."""
