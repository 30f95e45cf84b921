"""Pages: views, presenters, templates."""
