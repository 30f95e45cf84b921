"""Sample posts, null crowds, planted campaigns, adversaries."""
