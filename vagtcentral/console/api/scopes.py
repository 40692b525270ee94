"""Which scope each route needs, written into its part of the OpenAPI document from what guards it."""

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from vagtcentral.console.accounts.guard import Require

#: The field of an operation: a scope, or `SIGNED_IN` for whoever is signed in; not there for everybody.
FIELD = "x-scope"
SIGNED_IN = "signed in"


def with_scopes(routes: APIRouter) -> APIRouter:
    """The same routes, each with the scope that it asks for in its description."""
    for route in routes.routes:
        if isinstance(route, APIRoute):
            guards = list(_guards(route.dependant))
            if guards:
                scopes = [guard.permission.value for guard in guards if guard.permission is not None]
                route.openapi_extra = (route.openapi_extra or {}) | {FIELD: ", ".join(scopes) or SIGNED_IN}
    return routes


def _guards(dependant: Dependant) -> list[Require]:
    """Every guard of a route, whatever depends on it."""
    own = [dependant.call] if isinstance(dependant.call, Require) else []
    found = [*own, *(guard for part in dependant.dependencies for guard in _guards(part))]
    return list(dict.fromkeys(found))
