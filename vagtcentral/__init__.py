"""Vagtcentral answers the emergency number 112 and the police number 114, or simulates them by the same code."""
