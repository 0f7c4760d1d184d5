"""Which files belong to one part: by name, by folder, by what they say inside; which revision is the latest; what to look at."""

from pipeline.linking.base_name import link_by_base_name
from pipeline.linking.folder import link_by_folder
from pipeline.linking.inside import link_by_content
from pipeline.linking.project_codes import assign_project_codes
from pipeline.linking.report import link_report
from pipeline.linking.review import flag_for_review

__all__ = ["assign_project_codes", "flag_for_review", "link_by_base_name", "link_by_content", "link_by_folder", "link_report"]
