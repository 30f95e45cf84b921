"""Pictures beside files of posts: found, decoded in a process of their own, and hashed."""

from dideban.ingest.pictures.decode import (
    Decoder,
    Decoders,
    PictureError,
    Small,
    WordReader,
    can_decode,
    find_film_reader,
    find_reader,
)
from dideban.ingest.pictures.find import OUTSIDE, Library, Neighbours, looks_like_film, looks_like_picture
from dideban.ingest.pictures.likeness import find_alike
from dideban.ingest.pictures.prints import Print, print_of, print_of_film

__all__ = [
    "OUTSIDE",
    "Decoder",
    "Decoders",
    "Library",
    "Neighbours",
    "PictureError",
    "Print",
    "Small",
    "WordReader",
    "can_decode",
    "find_alike",
    "find_film_reader",
    "find_reader",
    "looks_like_film",
    "looks_like_picture",
    "print_of",
    "print_of_film",
]
