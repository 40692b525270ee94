"""Where the caller is: location messages become a `Position` with uncertainty, and that becomes districts.

`aml` reads handset messages, `atlas` holds the police districts and municipalities, `evidence` weighs the
positions of one call against each other. Everything here is a pure function of its arguments and the
geometry.
"""
