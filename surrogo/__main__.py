"""``surrogo`` and ``python -m surrogo``: the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, or say what it needs."""
    try:
        import typer  # noqa: F401
    except ImportError:
        sys.exit(
            "surrogo: the command line needs Typer, which is not installed; "
            "pip install 'surrogo[cli]'"
        )
    from surrogo.cli.app import app

    app(prog_name="surrogo")


if __name__ == "__main__":
    main()
