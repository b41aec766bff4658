{{- define "dko.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "dko.fullname" -}}
{{- $name := include "dko.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "dko.selectorLabels" -}}
app.kubernetes.io/name: {{ include "dko.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "dko.labels" -}}
{{ include "dko.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "dko.hasCaBundle" -}}
{{- if or .Values.caBundle.configMap .Values.caBundle.secret }}yes{{ end }}
{{- end }}

{{- define "dko.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}
{{- end }}

{{- define "dko.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "dko.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "dko.leaseName" -}}
{{- default (include "dko.fullname" .) .Values.leaderElection.leaseName }}
{{- end }}

{{/* The leases, as a list: one that all pods share, and with shards one for each. */}}
{{- define "dko.leases" -}}
{{- $name := include "dko.leaseName" . }}
- {{ $name }}
{{- if gt (int .Values.shards) 1 }}
{{- range $index := until (int .Values.shards) }}
- {{ printf "%s-%d" $name $index }}
{{- end }}
{{- end }}
{{- end }}

{{/* The leases under which pods work, one a pod, as a list; empty without leader election. */}}
{{- define "dko.workLeases" -}}
{{- $leases := include "dko.leases" . | fromYamlArray }}
{{- if gt (int .Values.shards) 1 }}{{ $leases = rest $leases }}{{ end }}
{{- ternary $leases list .Values.leaderElection.enabled | toYaml }}
{{- end }}

{{- define "dko.missing" -}}
{{- if gt (int .root.Values.shards) 1 -}}
The workspaces of one share are not reconciled. See the pod {{ include "dko.fullname" .root }}-{{ regexFind "[0-9]+$" .lease }} and its log.
{{- else -}}
Its workspaces are not reconciled. See the pods of {{ include "dko.fullname" .root }} and their logs.
{{- end }}
{{- end }}

{{/* The arguments of the operator, as a list. */}}
{{- define "dko.args" -}}
- run
- --http-address=:{{ .Values.httpPort }}
- --log-level={{ .Values.log.level }}
- --log-format={{ .Values.log.format }}
- --max-concurrent-reconciles={{ .Values.maxConcurrentReconciles }}
{{- with .Values.kinds }}
- --kinds={{ join "," (uniq .) }}
{{- end }}
{{- if .Values.allNamespaces }}
- --all-namespaces
{{- else if .Values.watchNamespaces }}
- --watch-namespaces={{ include "dko.namespaces" . }}
{{- end }}
{{- with .Values.leaderElection }}
{{- if .enabled }}
- --leader-elect
- --lease-name={{ include "dko.leaseName" $ }}
- --lease-duration={{ .leaseDuration }}
- --lease-renew-deadline={{ .renewDeadline }}
- --lease-retry-period={{ .retryPeriod }}
{{- else }}
- --no-leader-elect
{{- end }}
{{- end }}
{{- if gt (int .Values.shards) 1 }}
- --shard=ordinal/{{ .Values.shards }}
{{- end }}
{{- range $namespace, $client := .Values.federation.ownIdentity.namespaces }}
- {{ printf "--own-identity=%s=%s" $namespace $client | quote }}
{{- end }}
{{- range .Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}

{{/* What runs now of a kind, as JSON: its arguments, and how many pods. Empty where nothing does, or nobody can be asked. */}}
{{- define "dko.running" -}}
{{- $found := lookup "apps/v1" .kind .root.Release.Namespace (include "dko.fullname" .root) }}
{{- if $found }}
{{- $containers := $found.spec.template.spec.containers }}
{{- dict "args" ((first $containers).args | default list) "replicas" (int $found.spec.replicas) | toJson }}
{{- end }}
{{- end }}

{{/* Refuses an upgrade in which old and new pods would have no lease in common and would not wait for each other. */}}
{{- define "dko.checkUpgrade" -}}
{{- $name := include "dko.fullname" . }}
{{- $lease := printf "--lease-name=%s" (include "dko.leaseName" .) }}
{{- $isSharded := gt (int .Values.shards) 1 }}
{{- range $kind := list "Deployment" "StatefulSet" }}
{{- $running := include "dko.running" (dict "root" $ "kind" $kind) }}
{{- if $running }}
{{- $args := (fromJson $running).args }}
{{- $isOther := ne $isSharded (eq $kind "StatefulSet") }}
{{- $shard := printf "--shard=ordinal/%d" (int $.Values.shards) }}
{{- $isResharded := and $isSharded (eq $kind "StatefulSet") (not (has $shard $args)) }}
{{- $haveOneLease := and $.Values.leaderElection.enabled (has "--leader-elect" $args) (has $lease $args) }}
{{- if and (or $isOther $isResharded) (not $haveOneLease) (gt (int (fromJson $running).replicas) 0) }}
{{- fail (printf "shards: another number of them and another leaderElection at once would let old and new pods work at the same time: change one after the other, or stop the old ones first (kubectl scale %s %s --namespace %s --replicas=0)" (lower $kind) $name $.Release.Namespace) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The namespaces that are watched, separated by commas; not for all of them. */}}
{{- define "dko.namespaces" -}}
{{- if .Values.watchNamespaces }}
{{- join "," (uniq .Values.watchNamespaces) }}
{{- else }}
{{- .Release.Namespace }}
{{- end }}
{{- end }}

{{/* For which ServiceAccounts of watched namespaces tokens may be asked for. */}}
{{- define "dko.tokenRules" -}}
{{- with .Values.federation.serviceAccounts }}
- apiGroups: [""]
  resources: [serviceaccounts/token]
  {{- if not (has "*" .) }}
  resourceNames:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  verbs: [create]
{{- end }}
{{- end }}

{{/* What is refused, since it cannot work. values.schema.json says the rest. */}}
{{- define "dko.check" -}}
{{- if not .Values.image.repository }}
{{- fail "image.repository: say where you pushed the image, such as --set image.repository=REGISTRY/databricks-kube-operator" }}
{{- end }}
{{- if and .Values.allNamespaces .Values.watchNamespaces }}
{{- fail "watchNamespaces and allNamespaces exclude each other: set one of them" }}
{{- end }}
{{- if and .Values.caBundle.configMap .Values.caBundle.secret }}
{{- fail "caBundle: name a ConfigMap or a Secret, not both" }}
{{- end }}
{{- if and .Values.apiSecret (not .Values.settings.api_secret_name) }}
{{- fail "apiSecret: settings.api_secret_name names the Secret that is made; set it, such as --set settings.api_secret_name=databricks-api-secret" }}
{{- end }}
{{- if and .Values.settings (not (hasKey .Values.settings "ingest")) }}
{{- fail "settings.ingest: say \"true\" or \"false\": with true, everything that is in the workspace gets an object here" }}
{{- end }}
{{- range $key := list "serviceMonitor" "prometheusRule" }}
{{- $kind := printf "%s%s" (upper (substr 0 1 $key)) (substr 1 -1 $key) }}
{{- $isMissing := not ($.Capabilities.APIVersions.Has (printf "monitoring.coreos.com/v1/%s" $kind)) }}
{{- /* Without a cluster, as in helm template, nothing is found. */}}
{{- if and (index $.Values $key "enabled") $isMissing (lookup "v1" "Namespace" "" "kube-system") }}
{{- fail (printf "%s.enabled: the cluster does not know the kind %s of monitoring.coreos.com/v1: install the Prometheus Operator's CRDs first, or leave %s.enabled false" $key $kind $key) }}
{{- end }}
{{- end }}
{{- if and (not .Values.leaderElection.enabled) (gt (int .Values.replicas) 1) }}
{{- fail "replicas: more than one needs leaderElection.enabled: two that work at the same time would make everything twice" }}
{{- end }}
{{- if and (gt (int .Values.shards) 1) (gt (int .Values.replicas) 1) }}
{{- fail "replicas: with shards there is one pod for each share, so replicas must be 1" }}
{{- end }}
{{- if and (gt (int .Values.shards) 1) (not .Values.leaderElection.enabled) }}
{{- fail "shards: more than one needs leaderElection.enabled" }}
{{- end }}
{{- if and .Values.federation.ownIdentity.enabled (not .Values.federation.ownIdentity.audience) }}
{{- fail "federation.ownIdentity.audience: say for whom the operator's token is, as the federation policy does" }}
{{- end }}
{{- if le (int .Values.leaderElection.leaseDuration) (int .Values.leaderElection.renewDeadline) }}
{{- fail "leaderElection.leaseDuration must be more than renewDeadline" }}
{{- end }}
{{- if gt (mul 2 (int .Values.leaderElection.retryPeriod)) (int .Values.leaderElection.renewDeadline) }}
{{- fail "leaderElection.retryPeriod must be at most half of renewDeadline" }}
{{- end }}
{{- end }}
