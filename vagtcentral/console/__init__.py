"""How people reach the system: the command line, and later the operator desk and the supervisor pages."""
