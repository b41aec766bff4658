# The operator's image: only the binary, glibc and certificates.
#   docker build -t databricks-kube-operator .                      compiles the binary too
#   deno task compile && docker build --target prebuilt -t databricks-kube-operator .
#                                                                   uses dist/databricks-kube-operator (--build-arg BINARY=…)
# The classic builder builds every stage up to the target, so `prebuilt` comes before `build`.
ARG BASE=gcr.io/distroless/cc-debian12:nonroot
ARG DENO=denoland/deno:2.9.6

FROM ${BASE} AS base
ARG VERSION=
ARG REVISION=
ARG SOURCE=
LABEL org.opencontainers.image.title="databricks-kube-operator" \
  org.opencontainers.image.description="Manages Databricks jobs, git credentials, repos, secret scopes and secrets from Kubernetes manifests" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.source="${SOURCE}"
COPY LICENSE THIRD_PARTY.md /licenses/
# Otherwise the C library keeps freed memory for each thread: 10 to 20 MB with thousands of objects.
ENV MALLOC_ARENA_MAX=2
USER 65532:65532
# No HEALTHCHECK: the kubelet probes /healthz and /readyz, which `run --http-address :8080` serves.
ENTRYPOINT ["/usr/local/bin/databricks-kube-operator"]
CMD ["run"]

FROM base AS prebuilt
ARG BINARY=dist/databricks-kube-operator
COPY ${BINARY} /usr/local/bin/databricks-kube-operator

FROM ${DENO} AS build
WORKDIR /src
COPY deno.json deno.lock ./
COPY src src
COPY tools/compile.ts tools/
RUN ["deno", "task", "compile"]

FROM base
COPY --from=build /src/dist/databricks-kube-operator /usr/local/bin/databricks-kube-operator
