"""Sample files for the `demo` command: drawings that look real, and the bad files that every folder holds."""

from pipeline.demo.files import SampleFile, sample_files, write_sample_files

__all__ = ["SampleFile", "sample_files", "write_sample_files"]
