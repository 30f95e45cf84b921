"""From edges to groups: EDGES -> GROUPS; and from the groups of one period to those of the next."""

from dideban.groups.cluster import cluster_accounts
from dideban.groups.follow import Followed, follow_groups

__all__ = ["Followed", "cluster_accounts", "follow_groups"]
