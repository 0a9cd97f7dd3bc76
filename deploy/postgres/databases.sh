#!/bin/sh
# Runs once, when the volume of PostgreSQL is empty: a database and a user of its own for every service, so that
# nobody who holds one service's password reads the tables of another.
set -eu
for service in survey scoring notifier; do
    eval "password=\$$(echo "$service" | tr '[:lower:]' '[:upper:]')_DB_PASSWORD"
    psql -v ON_ERROR_STOP=1 -v name="cermin_$service" -v password="$password" \
        --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'END'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
END
done
