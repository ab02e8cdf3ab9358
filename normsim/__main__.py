"""`python -m normsim` is the command line."""

from normsim.cli import main

if __name__ == "__main__":
    main()
