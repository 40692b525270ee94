"""Where the caller is: location messages become a `Position` with uncertainty, and a position becomes districts.

`aml` reads handset messages, `atlas` holds the police districts and municipalities, `evidence` weighs several
positions of one call against each other. Everything here is a pure function of its arguments and the geometry.
"""
