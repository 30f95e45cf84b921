"""Pictures beside files of posts: found, decoded in a process of their own, and hashed."""

from dideban.ingest.pictures.decode import Decoder, Decoders, PictureError, WordReader, can_decode, find_reader
from dideban.ingest.pictures.find import OUTSIDE, Library, Neighbours, looks_like_picture
from dideban.ingest.pictures.prints import Print, print_of

__all__ = [
    "OUTSIDE",
    "Decoder",
    "Decoders",
    "Library",
    "Neighbours",
    "PictureError",
    "Print",
    "WordReader",
    "can_decode",
    "find_reader",
    "looks_like_picture",
    "print_of",
]
