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

{{/* The leases, as a list: each share has one. */}}
{{- define "dko.leases" -}}
{{- $name := include "dko.leaseName" . }}
{{- if gt (int .Values.shards) 1 }}
{{- range $index := until (int .Values.shards) }}
- {{ printf "%s-%d" $name $index }}
{{- end }}
{{- else }}
- {{ $name }}
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
