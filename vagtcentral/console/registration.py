"""What an operator can register. The kinds of enquiry are synthetic: the police's own list is not public."""

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

#: What is written in the form: `code`, the named fields and `text`, each where it is not empty.
Written = dict[str, str]
