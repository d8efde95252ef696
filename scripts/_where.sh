# For backup.sh and restore.sh: run a thing in the containers of docker-compose.yaml. With MARSAD_WITHOUT_DOCKER set, here:
# PostgreSQL's programs then find their server by PGHOST and the like, and the lake is that of MARSAD_LAKE.

if [ -n "${MARSAD_WITHOUT_DOCKER:-}" ]; then
    in_postgres() { "$@"; }
    only_servers() { :; }
    copy_lake() {
        if [ "$1" = backup ]; then
            python -m marsad.operate.copy_lake "$MARSAD_LAKE" "$folder/lake"
        else
            python -m marsad.operate.copy_lake "$folder/lake" "$MARSAD_LAKE"
        fi
    }
else
    in_postgres() {
        docker compose exec -T postgres \
            sh -euc 'export PGUSER=postgres PGPASSWORD="$POSTGRES_PASSWORD"; exec "$@"' sh "$@"
    }
    only_servers() {
        docker compose stop scheduler worker-scrape worker-compute dag-processor triggerer api-server
        docker compose up --detach --wait postgres store
        docker compose run --rm databases
    }
    copy_lake() {
        if [ "$1" = backup ]; then from='$MARSAD_LAKE' to=/backup; else from=/backup to='$MARSAD_LAKE'; fi
        # as who calls, so that the copy is theirs
        docker compose run --rm --no-deps -T --user "$(id -u):$(id -g)" --volume "$folder/lake:/backup" init \
            "python -m marsad.operate.copy_lake $from $to"
    }
fi
