"""Which files belong to one part: by name, by folder, with what a person should look at."""

from pipeline.linking.base_name import link_by_base_name

__all__ = ["link_by_base_name"]
