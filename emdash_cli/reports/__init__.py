"""Reports: what is in the store, what comes next, and whether all is well."""
