"""What happened: the journal of every call, the record derived from it, and replay.

`store` keeps the append-only journal and the calls table in one transaction, `record` folds a journal into a
call record, `replay` feeds a journal through the call machine again and names the first difference.
"""
