"""What happened: the journal of every call and the records derived from it, kept in a store and replayed.

`codec` writes events and commands as JSON, `store` keeps them durably, `record` folds a call's turns into
what is said of the call, `replay` feeds them to a fresh call machine again.
"""
