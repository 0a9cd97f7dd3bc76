"""Pages of the personnel office: sign-in, people, questionnaires, rounds, audit trail."""
