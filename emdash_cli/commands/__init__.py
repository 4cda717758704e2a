"""One file per command, named after it. Typer and Rich are imported nowhere else."""
