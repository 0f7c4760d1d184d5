"""Runs claimed jobs: one parent a machine, children that only turn bytes into results."""
