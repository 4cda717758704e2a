"""One file per database engine: query, batch, close."""
