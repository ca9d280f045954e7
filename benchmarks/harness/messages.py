"""How the harness and the process of a solver talk: one JSON object a message.

The harness starts with the job: ``{"solver", "module", "lower", "upper", "budget",
"seed"}``. The solver's process sends ``{"versions"}``, and then ``{"ask": x, "cpu",
"wall"}`` and is answered ``{"value"}`` or ``{"stop": true}``; it ends with ``{"end":
"returned" | "raised", "message", "cpu", "wall"}``. Python's JSON keeps floats exactly,
NaN and infinity among them.
"""

from __future__ import annotations

import json
from multiprocessing.connection import Connection
from typing import Any


def send(connection: Connection, message: dict[str, Any]) -> None:
    connection.send_bytes(json.dumps(message).encode())


def receive(connection: Connection) -> dict[str, Any]:
    """Wait for a message.

    Raises
    ------
    EOFError, OSError
        If the other side is gone.
    """
    return json.loads(connection.recv_bytes())
