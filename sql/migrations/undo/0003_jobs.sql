DROP TABLE checkpoints;
DROP TABLE workers;
DROP TABLE extraction_attempts;
DROP TABLE extraction_jobs;
DROP TABLE job_types;
