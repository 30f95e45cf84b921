"""What other programs read: tables, spreadsheets, network files."""
