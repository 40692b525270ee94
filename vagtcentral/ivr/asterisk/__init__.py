"""The carrier for a real Asterisk 22, over its REST interface (ARI)."""
