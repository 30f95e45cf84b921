"""The stages that see every post, on an engine that speaks Spark Connect: a cluster, or Sail on one machine."""

from typing import TYPE_CHECKING

from dideban.lazy import lazy_names

if TYPE_CHECKING:
    from dideban.cluster.engine import LOCAL, Engine, open_engine
    from dideban.cluster.plan import ClusterPlan, make_plan
    from dideban.cluster.posts import ClusterIntake, read_cluster_posts
    from dideban.cluster.source import ClusterPosts

__all__ = [
    "LOCAL",
    "ClusterIntake",
    "ClusterPlan",
    "ClusterPosts",
    "Engine",
    "make_plan",
    "open_engine",
    "read_cluster_posts",
]

__getattr__ = lazy_names(
    __name__,
    {
        "ClusterIntake": "posts",
        "ClusterPosts": "source",
        "Engine": "engine",
        "LOCAL": "engine",
        "ClusterPlan": "plan",
        "make_plan": "plan",
        "open_engine": "engine",
        "read_cluster_posts": "posts",
    },
)
