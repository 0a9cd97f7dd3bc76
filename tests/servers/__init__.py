"""Private PostgreSQL and RabbitMQ for tests and measurements: started in a fresh folder, stopped for certain."""
