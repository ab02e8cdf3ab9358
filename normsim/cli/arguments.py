"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer


def _scenarios(incomplete: str) -> list[str]:
    """Names of scenarios that a shell can complete."""
    from normsim.scenario import scenario_names

    return [name for name in scenario_names() if name.startswith(incomplete)]


def _experiments(incomplete: str) -> list[str]:
    """Names of experiments that a shell can complete."""
    from normsim.experiment import experiment_names

    return [name for name in experiment_names() if name.startswith(incomplete)]


Which = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="A scenario's name, or the path of its file.",
        show_default=False,
        autocompletion=_scenarios,
    ),
]
Seed = Annotated[int, typer.Option(help="Seed of the run, a whole number from 0 on.")]
WhichExperiment = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="An experiment's name, or the path of its file.",
        show_default=False,
        autocompletion=_experiments,
    ),
]
Results = Annotated[Path, typer.Argument(metavar="DIR", help="A directory of results.", show_default=False)]
Workers = Annotated[int | None, typer.Option(help="Worker processes, by default one per core.", show_default=False)]
Scheduler = Annotated[
    str | None,
    typer.Option(help="Run on the workers of this Dask scheduler.", metavar="tcp://HOST:PORT", show_default=False),
]
MaxFailures = Annotated[int | None, typer.Option(help="Stop after this many failed runs.", show_default=False)]
FailFast = Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failed run.")]
RunTimeout = Annotated[
    float | None, typer.Option(help="Abort a run after this many seconds.", metavar="SECONDS", show_default=False)
]
Outcome = Annotated[list[str] | None, typer.Option(help="An outcome; may be given several times.", show_default=False)]
CsvFile = Annotated[Path | None, typer.Option(help="Write the whole table to this new file.", show_default=False)]
FiguresFolder = Annotated[
    Path | None, typer.Option(help="Draw figures into this folder.", metavar="DIR", show_default=False)
]
MarkdownFile = Annotated[Path | None, typer.Option(help="Write the page to this Markdown file.", show_default=False)]
Posterior = Annotated[
    bool,
    typer.Option(
        "--posterior",
        help="Run at points of the posterior, one per seed, instead of the defaults (docs/calibration.md).",
    ),
]
OutcomesFile = Annotated[
    Path | None, typer.Option(help="A Python file with outcomes of your own.", metavar="FILE", show_default=False)
]
FiguresFile = Annotated[
    Path | None, typer.Option(help="A Python file with figures of your own.", metavar="FILE", show_default=False)
]
TrustRules = Annotated[
    bool, typer.Option("--trust-rules", help="Run the rules and outcomes stored in the directory; read them first.")
]
CodeMayChange = Annotated[
    bool, typer.Option("--allow-code-change", help="Continue results made with other code, and record it.")
]
PaperFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE", help="File with a plan of figures, by default that of the paper.", show_default=False
    ),
]
PaperFolder = Annotated[
    Path | None,
    typer.Option(help="Folder for figures and results, by default results/paper.", metavar="DIR", show_default=False),
]
PaperSmoke = Annotated[
    bool, typer.Option("--smoke", help="Few and short runs, as a test; by default in results/paper_smoke.")
]
Only = Annotated[
    list[str] | None,
    typer.Option(help="Only this figure; may be given several times.", metavar="ID", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON only.")]
