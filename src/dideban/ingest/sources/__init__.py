"""One module per known file shape: recognise it, map it."""
