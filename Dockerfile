# Two stages: the wheels are installed in one, the product runs in the other, as a user without rights.
FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --require-hashes --requirement requirements.lock

FROM python:3.13-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --shell /usr/sbin/nologin --home-dir /data --create-home journeybook
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/journeybook
COPY . .
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    VAR_DIR=/data STATIC_ROOT=/srv/journeybook/staticfiles
# The keys only satisfy the settings while static files are collected; no image holds a real one.
RUN mkdir staticfiles /backups && chown journeybook /data staticfiles /backups && chmod 700 /backups
USER journeybook
RUN SECRET_KEY=for-the-build-of-static-files-alone LEDGER_KEY=for-the-build-of-static-files-alone \
    python manage.py collectstatic --no-input
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "apprenticeship.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", \
     "--no-control-socket"]
