"""The server that speaks the protocol on standard input and output; the SDK of the protocol does the speaking."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from dideban import __version__
from dideban.room.api.client import RoomClient, RoomError
from dideban.room.mcp.tools import Ask, Tools
from dideban.room.mcp.untrusted import NOTICE, marked

READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
NAMES = ("whats_new", "finding", "past_periods", "narratives", "search_posts")


def make_server(ask: Ask) -> MCPServer:
    """Return a server with the tools that read, and nothing else: no resource, no prompt, no way to write."""
    server = MCPServer("dideban", title="Dideban room", instructions=NOTICE, version=__version__, log_level="ERROR")
    tools = Tools(ask)
    for name in NAMES:
        server.tool(name=name, annotations=READS, structured_output=False)(_bounded(getattr(tools, name)))
    return server


def run(*, url: str, room: str, token: str) -> None:
    """Serve one program on standard input and output until it goes."""
    client = RoomClient(url, room, token=token)
    make_server(client.ask).run("stdio")


def _bounded(function: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Say what the interface refused, and nothing of what went wrong inside."""

    @wraps(function)
    def call(*arguments: Any, **named: Any) -> dict[str, Any]:
        try:
            return function(*arguments, **named)
        except RoomError as error:
            raise ToolError(f"the room answered {error.status}: {marked(error)}") from None
        except (OSError, ValueError) as error:
            raise ToolError(f"the room cannot be asked: {type(error).__name__}") from None

    return call
