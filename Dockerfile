# Marsad's image: Airflow, the library and the DAGs, from the hash-pinned lock, run by a user without rights.
FROM python:3.12-slim-bookworm AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /opt/marsad
COPY requirements.txt ./
RUN uv venv .venv && uv pip install --python .venv --require-hashes --requirement requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY include ./include
RUN uv pip install --python .venv --no-deps --no-build-isolation . && .venv/bin/python -m compileall -q -j 0 .venv/lib || true

FROM python:3.12-slim-bookworm
RUN useradd --uid 50000 --create-home airflow && mkdir -p /opt/airflow/logs /lake && chown -R airflow /opt/airflow /lake
COPY --from=build /opt/marsad/.venv /opt/marsad/.venv
COPY --chown=airflow dags /opt/airflow/dags
COPY --chown=airflow plugins /opt/airflow/plugins
COPY --chown=airflow config /opt/airflow/config
ENV PATH=/opt/marsad/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONPATH=/opt/airflow/config:/opt/airflow/dags \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False
USER airflow
WORKDIR /opt/airflow
ENTRYPOINT ["airflow"]
