"""The command line: parse, call, print, exit code. Nothing of the model is here.

Exit codes: 0 done, 1 input that cannot be taken (one message on stderr), 2 wrong usage, 130 interrupted.
"""

import atexit
import gc
import os
import sys


def main() -> None:
    """Entry point of `normsim`."""
    atexit.register(gc.freeze)  # the process ends anyway: looking through all its objects takes a fifth of a second
    try:
        for name in ("stdout", "stderr"):  # closed by who started it: what is printed goes nowhere
            if getattr(sys, name) is None:
                setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115

        from normsim.cli.commands import app

        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a terminal without box characters gets question marks
        app()
    except KeyboardInterrupt:
        sys.exit(130)
