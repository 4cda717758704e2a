"""The history of the tool's tables: numbered files that `emdash init` applies in order, each of them once."""
