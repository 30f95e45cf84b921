"""The watch room: a Django project on top of the engine. Needs the extra ``dideban[room]``.

Nothing else in the package imports it; the command line starts it by the name of its settings.
"""

__all__: list[str] = []
