"""Addresses as people and programs write them."""


def host_port(host: str, port: int) -> str:
    """`host:port`; an IPv6 address stands in brackets (RFC 3986, section 3.2.2)."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
