"""`python -m vagtcentral` is the command line."""

from vagtcentral.console.cli import main

main()
