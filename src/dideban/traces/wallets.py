"""Wallet addresses: which network an address belongs to, and whether its checksum holds.

Only addresses that carry a checksum (or, on Ethereum, have one possible spelling) are wallets: a word that merely looks
like one ties no one to anybody.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

BASE58_NETWORKS = {
    0x00: "btc", 0x05: "btc", 0x30: "ltc", 0x32: "ltc", 0x1E: "doge", 0x16: "doge", 0x4C: "dash", 0x10: "dash",
    0x41: "tron",
}  # fmt: skip
"""First byte of a base58 address to its network."""
BECH32_NETWORKS = {"bc": "btc", "ltc": "ltc"}
"""Human-readable part of a segregated-witness address to its network."""
_BECH32_CONST = {0: 1, 1: 0x2BC830A3}
"""What the checksum leaves: witness version 0 (BIP 173), and all later ones (BIP 350)."""
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)

_MASK = (1 << 64) - 1
_ROTATIONS = (
    (0, 36, 3, 41, 18), (1, 44, 10, 45, 2), (62, 6, 43, 15, 61), (28, 55, 25, 21, 56), (27, 20, 39, 8, 14)
)  # fmt: skip
_RATE = 136
"""Bytes that Keccak-256 takes in at a time."""

PATTERN = (
    r"(?-u:\b)(?:0[xX][0-9a-fA-F]{40}|(?:[bB][cC]|[lL][tT][cC])1[0-9a-zA-Z]{11,87}"
    rf"|[13LMDXT9A7][{BASE58[:9]}{BASE58[9:]}]{{25,34}}|[EUk][Qf][A-Za-z0-9_\-]{{46}})(?-u:\b)"
)
"""What may be a wallet address: bounded, and ended by an ASCII word boundary, so that longer hashes are none."""


@lru_cache(maxsize=1 << 16)
def read_wallet(address: str) -> tuple[str, str] | None:
    """Return the network and the one spelling of a wallet address; None where it is none.

    Parameters
    ----------
    address : str
        As written, without anything around it.

    Notes
    -----
    Bitcoin, Litecoin, Dogecoin, Dash and Tron (base58 with a double SHA-256); segregated witness of Bitcoin and
    Litecoin (BIP 173, BIP 350); Ethereum and the networks that use its addresses (EIP-55 where letters differ in
    case); TON (CRC-16). Solana addresses carry no checksum and are left out.

    Examples
    --------
    >>> read_wallet("0xDE709F2102306220921060314715629080E2FB77")
    ('eth', '0xde709f2102306220921060314715629080e2fb77')
    >>> read_wallet("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3") is None
    True
    """
    if re.fullmatch(r"0[xX][0-9a-fA-F]{40}", address):
        return ("eth", "0x" + address[2:].lower()) if _is_eip55(address[2:]) else None
    if (network := _bech32_network(address)) is not None:
        return network, address.lower()
    if re.fullmatch(r"[EUk][Qf][A-Za-z0-9_\-]{46}", address) and (account := _ton_account(address)) is not None:
        return "ton", account
    network = _base58_network(address)
    return (network, address) if network is not None else None


def _base58_network(address: str) -> str | None:
    if not 26 <= len(address) <= 35 or any(letter not in BASE58 for letter in address):
        return None
    number = 0
    for letter in address:
        number = number * 58 + BASE58.index(letter)
    if number >= 1 << 200:
        return None
    data = number.to_bytes(25, "big")
    n_zeros = len(address) - len(address.lstrip("1"))
    if len(data) - len(data.lstrip(b"\0")) != n_zeros or _sha256(_sha256(data[:21]))[:4] != data[21:]:
        return None
    return BASE58_NETWORKS.get(data[0])


def _bech32_network(address: str) -> str | None:
    if address not in (address.lower(), address.upper()) or len(address) > 90:
        return None
    part, mark, data = address.lower().rpartition("1")
    if not mark or part not in BECH32_NETWORKS or len(data) < 7 or any(letter not in BECH32 for letter in data):
        return None
    values = [BECH32.index(letter) for letter in data]
    version, program = values[0], values[1:-6]
    n_bytes, left = divmod(5 * len(program), 8)
    is_sized = left < 5 and 2 <= n_bytes <= 40 and (version or n_bytes in (20, 32))
    expanded = [ord(letter) >> 5 for letter in part] + [0] + [ord(letter) & 31 for letter in part]
    holds = _polymod(expanded + values) == _BECH32_CONST[min(version, 1)]
    return BECH32_NETWORKS[part] if version <= 16 and is_sized and holds else None


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            check ^= generator if top >> bit & 1 else 0
    return check


def _is_eip55(digits: str) -> bool:
    """Return whether the letters of an Ethereum address are all of one case, or cased as EIP-55 asks."""
    if digits in (digits.lower(), digits.upper()):
        return True
    marks = keccak256(digits.lower().encode()).hex()
    return all(
        letter.isdigit() or letter.isupper() == (int(mark, 16) >= 8)
        for letter, mark in zip(digits, marks, strict=False)
    )


def _ton_account(address: str) -> str | None:
    """Return ``chain:hash`` of a TON address, whichever of its spellings (bounceable or not) was written."""
    import base64
    import binascii

    data = base64.urlsafe_b64decode(address)
    if binascii.crc_hqx(data[:34], 0).to_bytes(2, "big") != data[34:] or data[0] & 0x7F not in (0x11, 0x51):
        return None
    chain = int.from_bytes(data[1:2], "big", signed=True)
    return f"{chain}:{data[2:34].hex()}"


def keccak256(data: bytes) -> bytes:
    """Return the Keccak-256 hash (as Ethereum uses it: the padding is not that of SHA3-256).

    Examples
    --------
    >>> keccak256(b"").hex()[:16]
    'c5d2460186f7233c'
    """
    padded = bytearray(data) + b"\x01" + bytes(-(len(data) + 1) % _RATE)
    padded[-1] ^= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for start in range(0, len(padded), _RATE):
        for ix in range(_RATE // 8):
            lanes[ix % 5][ix // 5] ^= int.from_bytes(padded[start + 8 * ix : start + 8 * ix + 8], "little")
        lanes = _keccak_f(lanes)
    return b"".join(lanes[ix % 5][ix // 5].to_bytes(8, "little") for ix in range(4))


def _keccak_f(lanes: list[list[int]]) -> list[list[int]]:
    register = 1
    for _ in range(24):
        parity = [column[0] ^ column[1] ^ column[2] ^ column[3] ^ column[4] for column in lanes]
        spread = [parity[x - 1] ^ _rotate(parity[(x + 1) % 5], 1) for x in range(5)]
        moved = [[0] * 5 for _ in range(5)]
        for x in range(5):
            for y in range(5):
                moved[y][(2 * x + 3 * y) % 5] = _rotate(lanes[x][y] ^ spread[x], _ROTATIONS[x][y])
        lanes = [
            [moved[x][y] ^ (~moved[(x + 1) % 5][y] & _MASK & moved[(x + 2) % 5][y]) for y in range(5)] for x in range(5)
        ]
        for bit in range(7):  # the round constant, from a shift register of eight bits
            register = (register << 1) ^ ((register >> 7) * 0x171)
            lanes[0][0] ^= (register >> 1 & 1) << ((1 << bit) - 1)
            register &= 0xFF
    return lanes


def _rotate(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & _MASK


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
