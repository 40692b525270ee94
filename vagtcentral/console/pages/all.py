"""Imports every page, in the order of the navigation."""

from vagtcentral.console.pages import desk, entry, wallboard  # noqa: F401
