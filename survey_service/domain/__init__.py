"""What could be printed on paper: pure rules, without web, database, clock or chance."""
