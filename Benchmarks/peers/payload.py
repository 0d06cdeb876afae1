"""The message that every system is given: 2 KiB of text and its addresses, as `POST /send` takes it."""

import itertools
import os
import random

_WORDS = (
    "the order has left our house and reaches you on friday by the usual carrier please keep this message until then "
    "thank you for your trust the number of the parcel stands below and may be followed on our pages with kind regards"
).split()


def _text(size):
    chance = random.Random(1)
    text = ""
    while len(text) < size:
        text += chance.choice(_WORDS) + " "
    return text[:size]


TEXT = _text(2048)
_numbers = itertools.count(os.getpid() * 1_000_000)


def message():
    """A message to a reader of its own."""
    return {
        "from": "Shop <shop@t0.example>",
        "to": [f"reader-{next(_numbers):012d}@example.org"],
        "subject": "Your order is on its way",
        "text": TEXT,
    }
