"""Files brought by members."""
