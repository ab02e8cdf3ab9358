"""The command line: parse, call, print, exit code. Nothing of the model is here.

Exit codes: 0 done, 1 input that cannot be taken (one message on stderr), 2 wrong usage, 130 interrupted.
"""

import sys


def main() -> None:
    """Entry point of `normsim`."""
    try:
        from normsim.cli.app import app

        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a terminal without box characters gets question marks
        app()
    except KeyboardInterrupt:
        sys.exit(130)
