"""One file per command, named after it; Typer and Rich live only here."""
