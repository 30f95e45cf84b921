"""What turns rows and numbers into what pages show."""
