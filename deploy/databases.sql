-- The databases of docker-compose.yaml: each belongs to a role that can enter it alone, and rules nothing else.
-- May be run any number of times; it sets the passwords anew from the environment.
\set ON_ERROR_STOP on
\getenv airflow_password AIRFLOW_DB_PASSWORD
\getenv celery_password CELERY_DB_PASSWORD
\getenv marsad_password WAREHOUSE_DB_PASSWORD
-- statements that name a password are for nobody's log
SET log_statement = 'none';
SET log_min_error_statement = 'panic';

SELECT format('CREATE ROLE %I', wanted)
FROM unnest(ARRAY['airflow', 'celery', 'marsad']) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) \gexec

ALTER ROLE airflow LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'airflow_password';
ALTER ROLE celery LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'celery_password';
ALTER ROLE marsad LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'marsad_password';

SELECT format('CREATE DATABASE %I OWNER %I', wanted.name, wanted.owner)
FROM (VALUES ('airflow', 'airflow'), ('celery', 'celery'), ('warehouse', 'marsad')) AS wanted (name, owner)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = wanted.name) \gexec

REVOKE ALL ON DATABASE airflow, celery, warehouse, postgres, template1 FROM PUBLIC;
