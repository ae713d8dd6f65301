"""The review API: upload, follow, review, measure, report. Loads no model library."""
