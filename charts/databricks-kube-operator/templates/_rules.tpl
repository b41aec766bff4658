{{/* Written by deno task generate from src/generate/rbac.ts. */}}
{{- define "dko.rules" -}}
- apiGroups: ["com.dstancu.databricks"]
  resources: [databricksconnections, databricksjobs, databricksruns, gitcredentials, repos, databrickssecretscopes, databrickssecrets, databricksclusterpolicies, databricksinstancepools, databricksclusters, databrickssqlwarehouses, databricksstoragecredentials, databricksexternallocations, databricksunitycatalogconnections, databrickscatalogs, databricksschemas, databricksvolumes, databricksregisteredmodels, databrickspipelines, databricksdirectories, databricksworkspacefiles, databricksexperiments, databricksnotificationdestinations, databricksdashboards, databricksqueries, databricksalerts, databricksservingendpoints, databrickspermissions, databricksgrants]
  verbs: [list, patch, watch]
- apiGroups: ["com.dstancu.databricks"]
  resources: [databricksjobs, databricksruns, gitcredentials, repos, databrickssecretscopes, databrickssecrets, databricksclusterpolicies, databricksinstancepools, databricksclusters, databrickssqlwarehouses, databricksstoragecredentials, databricksexternallocations, databricksunitycatalogconnections, databrickscatalogs, databricksschemas, databricksvolumes, databricksregisteredmodels, databrickspipelines, databricksdirectories, databricksworkspacefiles, databricksexperiments, databricksnotificationdestinations, databricksdashboards, databricksqueries, databricksalerts, databricksservingendpoints, databrickspermissions, databricksgrants]
  verbs: [delete]
- apiGroups: ["com.dstancu.databricks"]
  resources: [databricksjobs, gitcredentials, repos, databrickssecretscopes]
  verbs: [create]
- apiGroups: ["com.dstancu.databricks"]
  resources: [databricksconnections/status, databricksjobs/status, databricksruns/status, gitcredentials/status, repos/status, databrickssecretscopes/status, databrickssecrets/status, databricksclusterpolicies/status, databricksinstancepools/status, databricksclusters/status, databrickssqlwarehouses/status, databricksstoragecredentials/status, databricksexternallocations/status, databricksunitycatalogconnections/status, databrickscatalogs/status, databricksschemas/status, databricksvolumes/status, databricksregisteredmodels/status, databrickspipelines/status, databricksdirectories/status, databricksworkspacefiles/status, databricksexperiments/status, databricksnotificationdestinations/status, databricksdashboards/status, databricksqueries/status, databricksalerts/status, databricksservingendpoints/status, databrickspermissions/status, databricksgrants/status]
  verbs: [patch]
- apiGroups: [""]
  resources: [configmaps]
  resourceNames: {{ prepend .Values.rbac.configMapNames .Values.configMapName | toJson }}
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
- apiGroups: ["com.dstancu.databricks"]
  resources: [databricksconnections, databricksjobs, databricksruns, gitcredentials, repos, databrickssecretscopes, databrickssecrets, databricksclusterpolicies, databricksinstancepools, databricksclusters, databrickssqlwarehouses, databricksstoragecredentials, databricksexternallocations, databricksunitycatalogconnections, databrickscatalogs, databricksschemas, databricksvolumes, databricksregisteredmodels, databrickspipelines, databricksdirectories, databricksworkspacefiles, databricksexperiments, databricksnotificationdestinations, databricksdashboards, databricksqueries, databricksalerts, databricksservingendpoints, databrickspermissions, databricksgrants]
  verbs: [list, patch, watch]
- apiGroups: ["com.dstancu.databricks"]
  resources: [databricksconnections/status, databricksjobs/status, databricksruns/status, gitcredentials/status, repos/status, databrickssecretscopes/status, databrickssecrets/status, databricksclusterpolicies/status, databricksinstancepools/status, databricksclusters/status, databrickssqlwarehouses/status, databricksstoragecredentials/status, databricksexternallocations/status, databricksunitycatalogconnections/status, databrickscatalogs/status, databricksschemas/status, databricksvolumes/status, databricksregisteredmodels/status, databrickspipelines/status, databricksdirectories/status, databricksworkspacefiles/status, databricksexperiments/status, databricksnotificationdestinations/status, databricksdashboards/status, databricksqueries/status, databricksalerts/status, databricksservingendpoints/status, databrickspermissions/status, databricksgrants/status]
  verbs: [patch]
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
- apiGroups: ["com.dstancu.databricks"]
  resources: [databricksconnections, databricksjobs, databricksruns, gitcredentials, repos, databrickssecretscopes, databrickssecrets, databricksclusterpolicies, databricksinstancepools, databricksclusters, databrickssqlwarehouses, databricksstoragecredentials, databricksexternallocations, databricksunitycatalogconnections, databrickscatalogs, databricksschemas, databricksvolumes, databricksregisteredmodels, databrickspipelines, databricksdirectories, databricksworkspacefiles, databricksexperiments, databricksnotificationdestinations, databricksdashboards, databricksqueries, databricksalerts, databricksservingendpoints, databrickspermissions, databricksgrants]
  verbs: [get, list, watch]
{{- end }}

{{- define "dko.editRules" -}}
- apiGroups: ["com.dstancu.databricks"]
  resources: [databricksconnections, databricksjobs, databricksruns, gitcredentials, repos, databrickssecretscopes, databrickssecrets, databricksclusterpolicies, databricksinstancepools, databricksclusters, databrickssqlwarehouses, databricksstoragecredentials, databricksexternallocations, databricksunitycatalogconnections, databrickscatalogs, databricksschemas, databricksvolumes, databricksregisteredmodels, databrickspipelines, databricksdirectories, databricksworkspacefiles, databricksexperiments, databricksnotificationdestinations, databricksdashboards, databricksqueries, databricksalerts, databricksservingendpoints, databrickspermissions, databricksgrants]
  verbs: [create, delete, deletecollection, patch, update]
{{- end }}
