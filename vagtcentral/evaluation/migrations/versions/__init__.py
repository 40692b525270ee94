"""One file per store version, numbered 0001, 0002 and so on; a released one is never changed."""
