# One image for all services; the command decides which. Packages are locked and checked by hash, the process is not
# root and writes only below /var/lib/cermin. Pango and a font are for reports as PDF. The package index is whatever pip is configured to use where you build.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements/pdf.txt requirements/build.txt requirements/
RUN python -m venv /opt/cermin && \
    /opt/cermin/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/pdf.txt && \
    python -m venv /opt/build && \
    /opt/build/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md ./
COPY shared shared
COPY survey_service survey_service
COPY scoring_service scoring_service
COPY notifier notifier
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /dist . && \
    /opt/cermin/bin/pip install --no-deps --no-index /dist/cermin-*.whl

FROM python:3.11-slim
RUN apt-get update && \
    apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core && \
    rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/cermin --shell /usr/sbin/nologin cermin && \
    install -d -o cermin -g cermin -m 0700 /var/lib/cermin /var/lib/cermin/keys
COPY --from=build /opt/cermin /opt/cermin
ENV PATH=/opt/cermin/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CERMIN_DATA_DIR=/var/lib/cermin \
    CERMIN_HOST=0.0.0.0
USER 10001
WORKDIR /var/lib/cermin
VOLUME /var/lib/cermin
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["cermin", "up"]
