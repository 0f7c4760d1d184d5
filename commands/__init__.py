"""The commands of run_pipeline.py, one module each. They read options, call what does the work, and show what came of it."""
