#!/usr/bin/env bash
# Back up what docker-compose.yaml keeps: the databases of Airflow and of the warehouse, and the lake.
#   scripts/backup.sh FOLDER
# The databases go first: a lake that is newer than them is run again over captures it has, and gives the same; one
# that is older would lack what Airflow believes done. May run while Airflow does; run again, it copies what is new.
# The .env is not in it: keep it elsewhere. Without its AIRFLOW_FERNET_KEY Airflow's connections cannot be read.
set -euo pipefail
[ $# = 1 ] || { echo "usage: scripts/backup.sh FOLDER" >&2; exit 2; }
umask 077
mkdir -p "$1/lake"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
. scripts/_where.sh

for database in airflow warehouse; do
    in_postgres pg_dump --format=custom --dbname="$database" > "$folder/$database.dump.partial"
    mv "$folder/$database.dump.partial" "$folder/$database.dump"
done
copy_lake backup
date -u +%Y-%m-%dT%H:%M:%SZ > "$folder/completed_at"
echo "backed up to $folder"
