"""Files that members bring: looked at first, taken in, and undone."""
