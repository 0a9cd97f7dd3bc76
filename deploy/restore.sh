#!/bin/sh
# Puts a backup of deploy/backup.sh in the place of what is there now:  sh deploy/restore.sh FOLDER
# Nothing of the present databases stays. If something fails, the services stay stopped: mend it and start again.
set -eu
folder=${1:?name the folder of the backup}
for file in survey.dump scoring.dump notifier.dump broker.tar; do
    [ -s "$folder/$file" ] || { echo "$folder/$file is missing: this is no complete backup." >&2; exit 1; }
done
docker compose stop proxy survey-web survey-worker scoring-web scoring-worker notifier-worker rabbitmq
for service in survey scoring notifier; do
    docker compose exec -T postgres pg_restore -U postgres --clean --if-exists --create --exit-on-error -d postgres \
        < "$folder/$service.dump"
done
docker compose run --rm -T --no-deps rabbitmq \
    sh -c 'find /var/lib/rabbitmq -mindepth 1 -delete && tar -C /var/lib/rabbitmq -xf -' < "$folder/broker.tar"
docker compose up -d
