"""The types of the columns of "pr" that are no text, as PostgreSQL and DuckDB call them."""

TYPES = {
    "bigint": "id lead_time review_time".split(),
    "int": ("size_added size_removed size files_changed commits comments review_comments reviews"
            " participants deployments failed_deployments").split(),
    "timestamptz": ("created first_commit last_commit first_review approved merged closed released"
                    " first_deployed updated").split(),
    "bool": "is_merged is_closed draft bot force_push_dropped".split(),
    "float8": ["story_points"],
}
LISTS = ["reviewers", "labels"]  # of texts


def type_of(column: str) -> str:
    """What PostgreSQL calls the type of a column."""
    if column in LISTS:
        return "text[]"
    return next((name for name, columns in TYPES.items() if column in columns), "text")
