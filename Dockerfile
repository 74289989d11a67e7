# syntax=docker/dockerfile:1
# One executable on a base without a shell: docker build -t tracepulse .
# Both processors: docker buildx build --platform linux/amd64,linux/arm64 -t tracepulse .

# Runs on the builder's own processor and makes the executable for the other one where that is asked for.
FROM --platform=$BUILDPLATFORM node:24-bookworm-slim AS build
ARG TARGETARCH=amd64
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund
COPY LICENSE manifest.json ./
COPY bin ./bin
COPY clients ./clients
COPY deploy/edge ./deploy/edge
COPY src ./src
RUN npm run build:edge -- --target linux-$(echo ${TARGETARCH} | sed s/amd64/x64/) --out dist
RUN mv dist/tracepulse-linux-* dist/tracepulse && mkdir dist/data
# Leaving development packages out by npm's own option also loses those that both need.
RUN npm pkg delete devDependencies && npm sbom --sbom-format cyclonedx > dist/sbom.cdx.json

# glibc, time zones and certificates, and nothing else; 65532 is its ordinary user.
FROM gcr.io/distroless/base-nossl-debian12:nonroot
COPY --from=build /build/dist/tracepulse /usr/local/bin/tracepulse
COPY --from=build /build/dist/sbom.cdx.json /usr/share/doc/tracepulse/sbom.cdx.json
COPY --from=build /build/LICENSE /usr/share/doc/tracepulse/LICENSE
COPY --from=build --chown=65532:65532 /build/dist/data /data
# tracepulse.config.yaml is read from /etc/tracepulse.
# Reachable from outside the container; that takes TRACEPULSE_WEBHOOK_TOKEN and TRACEPULSE_API_TOKEN, or it does not start.
ENV HOST=0.0.0.0 PORT=3000 TRACEPULSE_DATA=/data
# How much memory the engine believes there is, in bytes: it collects garbage by that (bin/tracepulse.mjs). No limit.
ENV BUN_JSC_forceRAMSize=536870912
USER 65532:65532
WORKDIR /etc/tracepulse
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=4s --start-period=10s CMD ["/usr/local/bin/tracepulse", "health"]
ENTRYPOINT ["/usr/local/bin/tracepulse"]
CMD ["start"]
