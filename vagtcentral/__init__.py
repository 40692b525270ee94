"""Vagtcentral answers the Danish emergency and police numbers 112 and 114, or simulates them."""
