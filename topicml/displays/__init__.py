"""Pictures of results, each with the table that it is drawn from.

They need matplotlib, which the extra ``report`` installs: it is imported when something is drawn.
"""
