"""Reading what others wrote, in a process apart that is bounded in time and memory. Knows nothing of Django."""
