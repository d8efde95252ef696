#!/bin/sh
# What a container is told to run: Airflow's words (`celery worker …`), or a program, as the official Helm chart writes it.
set -eu
case "${1:-}" in
    airflow | bash | sh | python | marsad) exec "$@" ;;
    *) exec airflow "$@" ;;
esac
