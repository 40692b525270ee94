"""The kinds of enquiry that an operator can register. Synthetic: the police's own list is not public."""

#: The codes in the order in which they are shown; the words for each are `code_…` in the catalogue.
CODES = (
    "accident",
    "assault",
    "burglary",
    "disturbance",
    "domestic",
    "drink-driving",
    "fire-medical",
    "fraud",
    "licence",
    "lost-property",
    "missing-person",
    "no-emergency",
    "running-case",
    "suspicious",
    "theft",
    "tip",
    "traffic",
    "other",
)

#: The named fields of the form, beside code and free text.
FIELDS = ("address", "person")
