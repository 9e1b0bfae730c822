"""One-time codes of invitations: how they are made, written on paper, read back and hashed (security F4).

A code in a letter is 64 hexadecimal digits, 256 random bits. A code on a slip is typed by hand, so it is shorter: 20
signs of base 32, 100 bits, more than anybody can try in 72 hours. Pure: no Django, no database.
"""

import hashlib
import hmac
import secrets

# Without I, L, O, U: nobody takes one sign for another. What people type instead of them is read as they meant it.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SLIP_LENGTH = 20
GROUP = 5
# Signs that look alike, also those of a Russian keyboard.
_MEANT = str.maketrans("OILАВЕКМНОРСТХ", "011ABEKM" + "H0PCTX")


def link_code() -> str:
    """A code for a letter."""
    return secrets.token_hex(32)


def slip_seed() -> str:
    """256 random bits from which all slips of one printing follow; only the browser that prints them keeps it."""
    return secrets.token_hex(32)


def slip_code(seed: str, name: str) -> str:
    """The code of one slip: the same for the same seed and name, and unknown to whoever does not have the seed."""
    digest = hmac.new(seed.encode(), name.encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest, "big")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(SLIP_LENGTH))


def as_groups(code: str) -> str:
    """As it is printed: «7KQ2M-9XWPC-4T0HD-ZB3NR»."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def as_typed(text: str) -> str:
    """What a person typed or followed, as the code was made: no spaces and dashes, look-alikes put right."""
    bare = "".join(sign for sign in text if sign.isalnum())
    return bare.lower() if len(bare) == 64 else bare.upper().translate(_MEANT)


def hash_of(code: str) -> str:
    """What is kept of a code: its sha256, hexadecimal. The codes are random, so no salt is needed."""
    return hashlib.sha256(code.encode()).hexdigest()
