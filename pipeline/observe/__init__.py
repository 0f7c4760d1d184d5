"""Looking at the pipeline: logs, status, reports, verification, checkpoints."""
