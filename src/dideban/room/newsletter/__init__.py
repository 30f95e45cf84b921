"""The newsletter: readers who agreed twice, their addresses sealed, and the mails they get."""
