"""What a response did: matched units, exact tests, running evidence, and a plain word where nothing can be known."""
