"""How the room says things: words for slugs and errors, numbers, dates, in the reader's language."""
