"""The paper: figures drawn from experiments by one command, checked against what they depend on, and a report."""
