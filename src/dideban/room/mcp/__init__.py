"""A Model Context Protocol server over the programming interface of a room: it reads, and never writes or reveals."""
