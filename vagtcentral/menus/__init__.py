"""The menu tree as plain data: its file format, the pure walk through it, and the checks on it.

A menu is a YAML file (`trees/`), read and checked by `load`, walked by `walk` one key at a time, and linted
by `lint`. Nothing here knows of telephones, clocks or callers: keys and instants come in, prompts and exits
go out.
"""
