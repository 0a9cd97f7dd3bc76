"""The demonstration: a made-up regional office, people who answer by mail and page, and what comes out of it."""
