"""`python -m normsim.cli`."""

from normsim.cli import main

main()
