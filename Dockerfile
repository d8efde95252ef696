# Marsad's image: Airflow, the library and the DAGs, from the hash-pinned lock, run by a user without rights.
# To pin the base by digest: docker build --build-arg PYTHON_IMAGE=python:3.12.13-slim-bookworm@sha256:… .
ARG PYTHON_IMAGE=python:3.12.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /opt/marsad
COPY requirements.txt ./
RUN uv venv .venv && uv pip install --python .venv --require-hashes --requirement requirements.txt
# packages that only some need, such as a provider; what is locked stays as it is (docs/guide/kubernetes.md)
ARG EXTRA_PACKAGES=""
RUN if [ -n "$EXTRA_PACKAGES" ]; then uv pip install --python .venv --constraint requirements.txt $EXTRA_PACKAGES; fi
COPY pyproject.toml README.md LICENSE ./
COPY include ./include
RUN uv pip install --python .venv --no-deps --no-build-isolation . \
    && { .venv/bin/python -m compileall -q -j 0 .venv/lib || true; }

FROM ${PYTHON_IMAGE}
# what is written lies in volumes; an airflow.cfg that is there is not written anew, so the root can be read-only
RUN groupadd --gid 50000 airflow && useradd --uid 50000 --gid 50000 --create-home airflow \
    && mkdir -p /opt/airflow/logs /opt/airflow/auth /state \
    && touch /opt/airflow/airflow.cfg \
    && chown airflow /opt/airflow/logs /opt/airflow/auth /state \
    && chmod 700 /opt/airflow/auth
COPY --from=build /opt/marsad/.venv /opt/marsad/.venv
COPY config /opt/airflow/config
COPY dags /opt/airflow/dags
COPY plugins /opt/airflow/plugins
COPY deploy/healthy.py /opt/airflow/healthy.py
COPY --chmod=755 deploy/entrypoint.sh /entrypoint
RUN /opt/marsad/.venv/bin/python -m compileall -q /opt/airflow/config /opt/airflow/dags /opt/airflow/plugins
ENV PATH=/opt/marsad/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/opt/airflow/config:/opt/airflow/dags \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False
USER 50000:50000
WORKDIR /opt/airflow
ENTRYPOINT ["/entrypoint"]
