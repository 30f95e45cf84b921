"""Pipelines: stages composed, from files of posts to a folder of results. Stages never call each other; these do.

Import a function from its module (``from dideban.pipelines.scan import scan``) or from ``dideban`` itself.
"""

__all__: list[str] = []
