"""A control room without telephones: scripted callers and operators, a simulated switch, virtual time.

The switch of `switch` takes the same commands as a real one and runs the production call machine, either in
virtual time (`virtual`) or in real time behind the asyncio controller (`carrier`).
"""
