"""The processes of an installation: web server, worker, tick loops, and who starts them."""
