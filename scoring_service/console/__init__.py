"""Results for the personnel office: provisional scores, work results, release, exports."""
