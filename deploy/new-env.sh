#!/bin/sh
# Prints settings with fresh secrets for docker-compose.yml:  sh deploy/new-env.sh > .env && chmod 600 .env
# Every secret is 32 random bytes in hexadecimal, so it needs no quoting in a URL.
set -eu
secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
cat <<END
# What raters see in their links, and the name for which the proxy obtains a certificate.
CERMIN_PUBLIC_URL=https://cermin.example.go.id
SITE=cermin.example.go.id
CERMIN_AGENCY=Badan Kepegawaian
CERMIN_CONTACT=petugas kepegawaian di unit kerja Anda
CERMIN_MAIL_FROM=Cermin <cermin@example.go.id>
CERMIN_TIMEZONE=Asia/Jakarta
# The mail catcher keeps every mail; put your relay here: smtp://user:password@relay:587?starttls=required
CERMIN_MAIL_URL=smtp://mail:1025?starttls=never
# Shared by the three services: signs what they tell each other.
EVENT_SECRETS=$(secret)
# Survey and scoring service: signs links and sessions of staff. The notifier signs nothing for people.
WEB_SECRETS=$(secret)
NOTIFIER_SECRETS=$(secret)
POSTGRES_PASSWORD=$(secret)
SURVEY_DB_PASSWORD=$(secret)
SCORING_DB_PASSWORD=$(secret)
NOTIFIER_DB_PASSWORD=$(secret)
RABBITMQ_PASSWORD=$(secret)
END
