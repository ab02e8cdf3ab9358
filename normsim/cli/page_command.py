"""`normsim page`: the model in the browser."""

import importlib.util

from normsim.cli.compile_notice import compiling
from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import note
from normsim.scenario import load_scenario

NEEDED = "the page needs more packages; install them with: pip install 'normsim[page]'"


def page_command(scenario: str, port: int | None, browser: bool, posterior: bool) -> None:
    """Serve the page."""
    if importlib.util.find_spec("starlette") is None:
        raise BadInputError(NEEDED)
    if port is not None and not 1 <= port <= 65535:
        raise BadInputError(f"--port {port}: allowed is a whole number from 1 to 65535")
    first = load_scenario(scenario)

    from normsim.engine.simulate import Simulation

    with compiling():
        Simulation(first).advance(1)

    from normsim.page.serve import serve
    from normsim.page.view import PageError

    try:
        serve(scenario, port, browser, note, posterior)
    except PageError as error:
        raise BadInputError(str(error)) from None
