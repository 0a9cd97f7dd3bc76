"""What every web surface shares: app factory, errors, headers, sign-in, templates and static files."""
