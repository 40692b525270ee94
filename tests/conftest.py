"""What all tests share: property tests draw the same examples each time, unless told to search for new ones.

`VAGTCENTRAL_SEARCH=20 pytest tests/ivr/test_any_order.py` draws twenty times as many, at random.
"""

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None, print_blob=True)
settings.load_profile("search" if os.environ.get("VAGTCENTRAL_SEARCH") else "same")
