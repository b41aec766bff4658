{{/* Written by deno task generate from src/generate/rbac.ts. */}}
{{/* "true" for the plural of a kind that .Values.kinds selects, otherwise empty. */}}
{{- define "dko.isChosen" -}}
{{- $plurals := dict "DatabricksConnection" "databricksconnections" "DatabricksJob" "databricksjobs" "DatabricksRun" "databricksruns" "GitCredential" "gitcredentials" "Repo" "repos" "DatabricksSecretScope" "databrickssecretscopes" "DatabricksSecret" "databrickssecrets" "DatabricksClusterPolicy" "databricksclusterpolicies" "DatabricksInstancePool" "databricksinstancepools" "DatabricksCluster" "databricksclusters" "DatabricksSQLWarehouse" "databrickssqlwarehouses" "DatabricksStorageCredential" "databricksstoragecredentials" "DatabricksExternalLocation" "databricksexternallocations" "DatabricksUnityCatalogConnection" "databricksunitycatalogconnections" "DatabricksCatalog" "databrickscatalogs" "DatabricksSchema" "databricksschemas" "DatabricksVolume" "databricksvolumes" "DatabricksRegisteredModel" "databricksregisteredmodels" "DatabricksPipeline" "databrickspipelines" "DatabricksDirectory" "databricksdirectories" "DatabricksWorkspaceFile" "databricksworkspacefiles" "DatabricksExperiment" "databricksexperiments" "DatabricksNotificationDestination" "databricksnotificationdestinations" "DatabricksDashboard" "databricksdashboards" "DatabricksQuery" "databricksqueries" "DatabricksAlert" "databricksalerts" "DatabricksServingEndpoint" "databricksservingendpoints" "DatabricksVectorSearchEndpoint" "databricksvectorsearchendpoints" "DatabricksVectorSearchIndex" "databricksvectorsearchindexes" "DatabricksApp" "databricksapps" "DatabricksPermissions" "databrickspermissions" "DatabricksGrants" "databricksgrants" }}
{{- $chosen := list "databricksconnections" }}
{{- range .root.Values.kinds }}{{ $chosen = append $chosen (get $plurals .) }}{{ end }}
{{- if or (not .root.Values.kinds) (has .plural $chosen) }}true{{ end }}
{{- end }}

{{/* The given resources whose kinds are selected, as a YAML list; empty if there are none. */}}
{{- define "dko.chosen" -}}
{{- $root := .root }}
{{- $chosen := list }}
{{- range .of }}
{{- if include "dko.isChosen" (dict "root" $root "plural" (trimSuffix "/status" .)) }}{{ $chosen = append $chosen . }}{{ end }}
{{- end }}
{{- if $chosen }}[{{ join ", " $chosen }}]{{ end }}
{{- end }}

{{- define "dko.rules" -}}
{{- with include "dko.chosen" (dict "root" . "of" (list "databricksconnections" "databricksjobs" "databricksruns" "gitcredentials" "repos" "databrickssecretscopes" "databrickssecrets" "databricksclusterpolicies" "databricksinstancepools" "databricksclusters" "databrickssqlwarehouses" "databricksstoragecredentials" "databricksexternallocations" "databricksunitycatalogconnections" "databrickscatalogs" "databricksschemas" "databricksvolumes" "databricksregisteredmodels" "databrickspipelines" "databricksdirectories" "databricksworkspacefiles" "databricksexperiments" "databricksnotificationdestinations" "databricksdashboards" "databricksqueries" "databricksalerts" "databricksservingendpoints" "databricksvectorsearchendpoints" "databricksvectorsearchindexes" "databricksapps" "databrickspermissions" "databricksgrants")) }}
- apiGroups: ["com.dstancu.databricks"]
  resources: {{ . }}
  verbs: [list, patch, watch]
{{- end }}
{{- with include "dko.chosen" (dict "root" . "of" (list "databricksjobs" "databricksruns" "gitcredentials" "repos" "databrickssecretscopes" "databrickssecrets" "databricksclusterpolicies" "databricksinstancepools" "databricksclusters" "databrickssqlwarehouses" "databricksstoragecredentials" "databricksexternallocations" "databricksunitycatalogconnections" "databrickscatalogs" "databricksschemas" "databricksvolumes" "databricksregisteredmodels" "databrickspipelines" "databricksdirectories" "databricksworkspacefiles" "databricksexperiments" "databricksnotificationdestinations" "databricksdashboards" "databricksqueries" "databricksalerts" "databricksservingendpoints" "databricksvectorsearchendpoints" "databricksvectorsearchindexes" "databricksapps" "databrickspermissions" "databricksgrants")) }}
- apiGroups: ["com.dstancu.databricks"]
  resources: {{ . }}
  verbs: [delete]
{{- end }}
{{- with include "dko.chosen" (dict "root" . "of" (list "databricksjobs" "gitcredentials" "repos" "databrickssecretscopes" "databricksclusterpolicies" "databricksinstancepools" "databrickssqlwarehouses" "databricksstoragecredentials" "databricksexternallocations" "databricksunitycatalogconnections" "databrickscatalogs" "databrickspipelines" "databricksexperiments" "databricksnotificationdestinations" "databricksdashboards" "databricksalerts" "databricksservingendpoints" "databricksvectorsearchendpoints" "databricksapps")) }}
- apiGroups: ["com.dstancu.databricks"]
  resources: {{ . }}
  verbs: [create]
{{- end }}
{{- with include "dko.chosen" (dict "root" . "of" (list "databricksconnections/status" "databricksjobs/status" "databricksruns/status" "gitcredentials/status" "repos/status" "databrickssecretscopes/status" "databrickssecrets/status" "databricksclusterpolicies/status" "databricksinstancepools/status" "databricksclusters/status" "databrickssqlwarehouses/status" "databricksstoragecredentials/status" "databricksexternallocations/status" "databricksunitycatalogconnections/status" "databrickscatalogs/status" "databricksschemas/status" "databricksvolumes/status" "databricksregisteredmodels/status" "databrickspipelines/status" "databricksdirectories/status" "databricksworkspacefiles/status" "databricksexperiments/status" "databricksnotificationdestinations/status" "databricksdashboards/status" "databricksqueries/status" "databricksalerts/status" "databricksservingendpoints/status" "databricksvectorsearchendpoints/status" "databricksvectorsearchindexes/status" "databricksapps/status" "databrickspermissions/status" "databricksgrants/status")) }}
- apiGroups: ["com.dstancu.databricks"]
  resources: {{ . }}
  verbs: [patch]
{{- end }}
- apiGroups: [""]
  resources: [configmaps]
  {{- if or .Values.rbac.configMapNames (not (include "dko.chosen" (dict "root" . "of" (list "databricksworkspacefiles")))) }}
  resourceNames: {{ prepend .Values.rbac.configMapNames .Values.configMapName | toJson }}
  {{- end }}
  verbs: [list, watch]
- apiGroups: [""]
  resources: [secrets]
  {{- with .Values.rbac.secretNames }}
  resourceNames:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  verbs: [list, watch]
- apiGroups: [""]
  resources: [events]
  verbs: [create, patch]
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get]
{{- end }}

{{- define "dko.endRules" -}}
{{- with include "dko.chosen" (dict "root" . "of" (list "databricksconnections" "databricksjobs" "databricksruns" "gitcredentials" "repos" "databrickssecretscopes" "databrickssecrets" "databricksclusterpolicies" "databricksinstancepools" "databricksclusters" "databrickssqlwarehouses" "databricksstoragecredentials" "databricksexternallocations" "databricksunitycatalogconnections" "databrickscatalogs" "databricksschemas" "databricksvolumes" "databricksregisteredmodels" "databrickspipelines" "databricksdirectories" "databricksworkspacefiles" "databricksexperiments" "databricksnotificationdestinations" "databricksdashboards" "databricksqueries" "databricksalerts" "databricksservingendpoints" "databricksvectorsearchendpoints" "databricksvectorsearchindexes" "databricksapps" "databrickspermissions" "databricksgrants")) }}
- apiGroups: ["com.dstancu.databricks"]
  resources: {{ . }}
  verbs: [list, patch, watch]
{{- end }}
{{- with include "dko.chosen" (dict "root" . "of" (list "databricksconnections/status" "databricksjobs/status" "databricksruns/status" "gitcredentials/status" "repos/status" "databrickssecretscopes/status" "databrickssecrets/status" "databricksclusterpolicies/status" "databricksinstancepools/status" "databricksclusters/status" "databrickssqlwarehouses/status" "databricksstoragecredentials/status" "databricksexternallocations/status" "databricksunitycatalogconnections/status" "databrickscatalogs/status" "databricksschemas/status" "databricksvolumes/status" "databricksregisteredmodels/status" "databrickspipelines/status" "databricksdirectories/status" "databricksworkspacefiles/status" "databricksexperiments/status" "databricksnotificationdestinations/status" "databricksdashboards/status" "databricksqueries/status" "databricksalerts/status" "databricksservingendpoints/status" "databricksvectorsearchendpoints/status" "databricksvectorsearchindexes/status" "databricksapps/status" "databrickspermissions/status" "databricksgrants/status")) }}
- apiGroups: ["com.dstancu.databricks"]
  resources: {{ . }}
  verbs: [patch]
{{- end }}
- apiGroups: [""]
  resources: [configmaps]
  resourceNames: {{ prepend .Values.rbac.configMapNames .Values.configMapName | toJson }}
  verbs: [list, watch]
- apiGroups: [""]
  resources: [namespaces]
  resourceNames: {{ splitList "," (include "dko.namespaces" .) | toJson }}
  verbs: [get]
{{- end }}

{{- define "dko.leaseRules" -}}
- apiGroups: ["coordination.k8s.io"]
  resources: [leases]
  verbs: [create]
- apiGroups: ["coordination.k8s.io"]
  resources: [leases]
  resourceNames:
    {{- include "dko.leases" . | trim | nindent 4 }}
  verbs: [get, list, update, watch]
{{- end }}

{{- define "dko.viewRules" -}}
{{- with include "dko.chosen" (dict "root" . "of" (list "databricksconnections" "databricksjobs" "databricksruns" "gitcredentials" "repos" "databrickssecretscopes" "databrickssecrets" "databricksclusterpolicies" "databricksinstancepools" "databricksclusters" "databrickssqlwarehouses" "databricksstoragecredentials" "databricksexternallocations" "databricksunitycatalogconnections" "databrickscatalogs" "databricksschemas" "databricksvolumes" "databricksregisteredmodels" "databrickspipelines" "databricksdirectories" "databricksworkspacefiles" "databricksexperiments" "databricksnotificationdestinations" "databricksdashboards" "databricksqueries" "databricksalerts" "databricksservingendpoints" "databricksvectorsearchendpoints" "databricksvectorsearchindexes" "databricksapps" "databrickspermissions" "databricksgrants")) }}
- apiGroups: ["com.dstancu.databricks"]
  resources: {{ . }}
  verbs: [get, list, watch]
{{- end }}
{{- end }}

{{- define "dko.editRules" -}}
{{- with include "dko.chosen" (dict "root" . "of" (list "databricksconnections" "databricksjobs" "databricksruns" "gitcredentials" "repos" "databrickssecretscopes" "databrickssecrets" "databricksclusterpolicies" "databricksinstancepools" "databricksclusters" "databrickssqlwarehouses" "databricksstoragecredentials" "databricksexternallocations" "databricksunitycatalogconnections" "databrickscatalogs" "databricksschemas" "databricksvolumes" "databricksregisteredmodels" "databrickspipelines" "databricksdirectories" "databricksworkspacefiles" "databricksexperiments" "databricksnotificationdestinations" "databricksdashboards" "databricksqueries" "databricksalerts" "databricksservingendpoints" "databricksvectorsearchendpoints" "databricksvectorsearchindexes" "databricksapps" "databrickspermissions" "databricksgrants")) }}
- apiGroups: ["com.dstancu.databricks"]
  resources: {{ . }}
  verbs: [create, delete, deletecollection, patch, update]
{{- end }}
{{- end }}
