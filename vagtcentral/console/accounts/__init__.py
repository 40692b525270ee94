"""Who may come in and what they may do: accounts, sign-in, sessions, API tokens, and a log of who saw what.

`store.AccountStore` opens all of it; `door.Door` and `guard.require` bring it before a FastAPI application.
"""
