# Any image with Node 24 and npm does as the base; scripts/test-container gives one where no registry can be reached. A tag
# moves: a release names what it was built on by its digest, NAME:TAG@sha256:… (docs/operations.md, "The image").
ARG BASE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${BASE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional dependencies are only a Node binary, for machines whose own is too old. No install script is needed.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --cache /tmp/npm && rm -rf /tmp/npm

FROM ${BASE_IMAGE}
ARG BASE_IMAGE
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="secret-access-service" \
      org.opencontainers.image.description="Shares AWS Secrets Manager secrets across accounts, and denies who must never read them" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${BASE_IMAGE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
# Nothing here belongs to the user that runs it. /data is the only place that it writes to, and only with SQLite, which
# also sorts on disk: SQLITE_TMPDIR, since the root file system may be read-only.
RUN install --directory --owner=node --group=node --mode=700 /data
COPY --from=dependencies /app/node_modules node_modules
# .dockerignore keeps local mode out.
COPY LICENSE package.json app.ts ./
COPY bin bin
COPY console console
COPY docs/iam-policy.json docs/
COPY openapi openapi
COPY plugins plugins
COPY routes routes
COPY src src
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    DATABASE_URL=sqlite:/data/audit.db \
    SQLITE_TMPDIR=/data \
    NODE_COMPILE_CACHE=/app/.compile-cache
# One start here, so that those to come find everything compiled: sooner, and with less memory; besides, what is loaded
# only where it is configured (PostgreSQL, JWT, traces). Node keeps the code by user, so `node` makes it; and what runs
# later must not be its to change.
RUN install --directory --owner=node $NODE_COMPILE_CACHE /tmp/first-start \
 && AUTH_MODE=none HOST=127.0.0.1 AWS_REGION=us-east-1 LOG_LEVEL=warn DATABASE_URL=sqlite:/tmp/first-start/audit.db \
    setpriv --reuid=node --regid=node --clear-groups sh -c 'node bin/server.ts & server=$!; \
      until node -e "fetch(\`http://127.0.0.1:$PORT/readyz\`).catch(()=>process.exit(1))"; do \
        kill -0 $server || exit 1; sleep 0.1; done; \
      kill $server && wait $server && node bin/load-optional.ts' \
 && rm -rf /tmp/first-start && chown -R root:root $NODE_COMPILE_CACHE
VOLUME /data
EXPOSE 3000
USER node
# Alive, not ready: some orchestrators kill what is unhealthy, and a database that is away is not cured by that.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then(r=>process.exit(r.ok?0:1))"]
CMD ["node", "bin/server.ts"]
