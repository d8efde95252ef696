#!/usr/bin/env bash
# Put back what scripts/backup.sh saved: the databases and the lake become what they were. What came after is lost.
#   scripts/restore.sh --yes FOLDER
# Airflow is stopped first and not started again: look, then `docker compose up --detach`.
set -euo pipefail
[ $# = 2 ] && [ "$1" = --yes ] || { echo "usage: scripts/restore.sh --yes FOLDER   (it replaces the databases and the lake)" >&2; exit 2; }
folder=$(cd "$2" && pwd)
for file in airflow.dump warehouse.dump completed_at lake; do
    [ -e "$folder/$file" ] || { echo "$folder has no $file: it is no finished backup" >&2; exit 1; }
done
cd "$(dirname "$0")/.."
. scripts/_where.sh

only_servers
for pair in airflow:airflow warehouse:marsad; do
    database=${pair%:*} role=${pair#*:}
    in_postgres pg_restore --clean --if-exists --no-owner --role="$role" --single-transaction --exit-on-error \
        --dbname="$database" < "$folder/$database.dump"
done
copy_lake restore
echo "restored from $folder, as of $(cat "$folder/completed_at"); now: docker compose up --detach"
