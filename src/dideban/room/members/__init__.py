"""People who sign in: memberships, roles, places, invitations, tokens."""
