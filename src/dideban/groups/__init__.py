"""From edges to groups: EDGES -> GROUPS."""

from dideban.groups.cluster import cluster_accounts

__all__ = ["cluster_accounts"]
