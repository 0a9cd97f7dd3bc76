#!/bin/sh
# Copies the three databases and what is under way in the broker into a new folder:  sh deploy/backup.sh FOLDER
# The services stop meanwhile, so that all four are of one moment; afterwards they run again. Keys are not copied.
set -eu
umask 077
folder=${1:?name a new folder}
mkdir "$folder"
services="proxy survey-web survey-worker scoring-web scoring-worker notifier-worker"
trap 'docker compose up -d' EXIT
docker compose stop $services
for service in survey scoring notifier; do
    docker compose exec -T postgres pg_dump -U postgres -Fc "cermin_$service" > "$folder/$service.part"
    mv "$folder/$service.part" "$folder/$service.dump"
done
docker compose stop rabbitmq
docker compose run --rm -T --no-deps rabbitmq tar -C /var/lib/rabbitmq -cf - . > "$folder/broker.part"
mv "$folder/broker.part" "$folder/broker.tar"
echo "The backup is in $folder. Keys are not in it."
