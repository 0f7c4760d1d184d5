"""The steps A1 to E6, one file each. `phases.step.all_steps()` finds them by their names."""
