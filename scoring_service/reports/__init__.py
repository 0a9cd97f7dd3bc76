"""Pages behind signed links: reports and objections of ratees, what supervisors read and choose, decisions."""
