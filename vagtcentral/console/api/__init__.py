"""The HTTP API: what the pages can, for programs. Errors have one shape (`accounts.problem`)."""
