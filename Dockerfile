# The production image: the runtime requirements with their hashes, the three packages, and nothing that builds or tests.
#
# Runs without root, without a shell and with a read-only root file system: state is in /data, settings come from
# /etc/idp/idp.yaml and the environment, /tmp may be a tmpfs.
#
#   docker build -t idp .
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#       -v idp-data:/data -v ./idp.yaml:/etc/idp/idp.yaml:ro --env-file idp.env -p 8080:8080 idp
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
WORKDIR /app
COPY requirements.txt ./
RUN ["python", "-m", "venv", "/opt/venv"]
RUN ["/opt/venv/bin/python", "-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check", \
     "--require-hashes", "--only-binary", ":all:", "-r", "requirements.txt"]
COPY bot ./bot
COPY commands ./commands
COPY integrations ./integrations
# Compiled here, for the image's file system is read-only; never checked again, for its sources never change.
RUN ["python", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "bot", "commands", "integrations"]
# A volume takes over owner and mode of the folder that it is first mounted on.
RUN ["python", "-c", "import os; os.makedirs('/data', mode=0o700); os.chown('/data', 10001, 10001)"]

FROM python:${PYTHON}-slim
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
COPY --from=build --chown=10001:10001 /data /data
WORKDIR /app
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/app \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    IDP_CONFIG=/etc/idp/idp.yaml \
    IDP_HTTP__HOST=0.0.0.0 \
    IDP_HTTP__PORT=8080 \
    IDP_LOG__FORMAT=json \
    IDP_STORE__DATA_DIR=/data/store
# A number, so that Kubernetes' runAsNonRoot can tell without looking into the image.
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s --retries=3 \
    CMD ["/opt/venv/bin/python", "-I", "-S", "-c", "import http.client, os, sys; \
c = http.client.HTTPConnection('127.0.0.1', int(os.environ['IDP_HTTP__PORT']), timeout=2); \
c.request('GET', '/livez'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["/opt/venv/bin/python", "-m", "bot"]
CMD ["serve"]
