"""The call: a pure state machine (`call`), the pure dispatch of operators (`dispatch`), and what drives them.

Events go in and commands come out (`events`, `commands`). `room` joins calls and dispatch without any I/O,
`controller` runs a room under asyncio behind a `Carrier`. A carrier translates and decides nothing.
"""
