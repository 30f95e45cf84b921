"""Public walls of VK."""
