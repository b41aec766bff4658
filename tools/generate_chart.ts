/**
 * The parts of the Helm chart that depend on the kinds: its CRDs, its RBAC rules, and the schema of its values.
 *
 * @module
 */
import { stringify } from "yaml";
import { connectionKind } from "../src/connection.ts";
import { type CrdSource, toCrd } from "../src/generate/crd.ts";
import {
  type PolicyRule,
  type RbacSource,
  toEndRules,
  toLeaseRules,
  toPeopleRules,
  toRules,
} from "../src/generate/rbac.ts";
import { GROUP } from "../src/resource.ts";
import { resources as allResources } from "../src/resources/mod.ts";
import { valuesSchema } from "./chart_values.ts";

/** The folder of the chart. */
export const CHART = "charts/databricks-kube-operator/";
/** The folder of its CRDs. */
export const CHART_CRDS = `${CHART}files/crds/`;

/** Its files, by path. */
export function chartFiles(resources: readonly (CrdSource & RbacSource)[]): [string, string][] {
  return [
    ...resources.map((resource): [string, string] => [`${CHART_CRDS}${resource.plural}.yaml`, chartCrd(resource)]),
    [`${CHART}templates/_rules.tpl`, rulesTemplate(resources)],
    [`${CHART}values.schema.json`, `${JSON.stringify(valuesSchema(resources.map(({ kind }) => kind)), null, 2)}\n`],
  ];
}

/** A CRD that stays when its release is uninstalled: deleting it would delete all objects. */
function chartCrd(resource: CrdSource): string {
  const { metadata, ...crd } = toCrd(resource);
  const kept = { ...metadata, annotations: { "helm.sh/resource-policy": "keep" } };
  const { apiVersion, kind, spec } = crd;
  return stringify({ apiVersion, kind, metadata: kept, spec }, { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** The rules as templates, whose resource names are values. */
function rulesTemplate(resources: readonly (RbacSource & Pick<CrdSource, "kind">)[]): string {
  const people = Object.entries(toPeopleRules(resources));
  return [
    "{{/* Written by deno task generate from src/generate/rbac.ts. */}}",
    ...chosenTemplates(resources),
    '{{- define "dko.rules" -}}',
    ...toRules(resources).map((rule) => ruleTemplate(rule)),
    "{{- end }}",
    "",
    '{{- define "dko.endRules" -}}',
    ...toEndRules(resources).map((rule) => ruleTemplate(rule, END_NAMES)),
    "{{- end }}",
    "",
    '{{- define "dko.leaseRules" -}}',
    ...toLeaseRules([]).map((rule) => ruleTemplate(rule)),
    "{{- end }}",
    "",
    ...people.flatMap(([role, rule]) => [`{{- define "dko.${role}Rules" -}}`, ruleTemplate(rule), "{{- end }}", ""]),
  ].join("\n");
}

/**
 * The templates for the value `kinds`: they test whether a plural is selected, and filter a list of plurals. The
 * connection kind is always selected.
 */
function chosenTemplates(resources: readonly { readonly kind: string; readonly plural: string }[]): string[] {
  const pairs = resources.map(({ kind, plural }) => `${JSON.stringify(kind)} ${JSON.stringify(plural)}`);
  return [
    '{{/* "true" for the plural of a kind that .Values.kinds selects, otherwise empty. */}}',
    '{{- define "dko.isChosen" -}}',
    `{{- $plurals := dict ${pairs.join(" ")} }}`,
    `{{- $chosen := list ${JSON.stringify(connectionKind.plural)} }}`,
    "{{- range .root.Values.kinds }}{{ $chosen = append $chosen (get $plurals .) }}{{ end }}",
    "{{- if or (not .root.Values.kinds) (has .plural $chosen) }}true{{ end }}",
    "{{- end }}",
    "",
    "{{/* The given resources whose kinds are selected, as a YAML list; empty if there are none. */}}",
    '{{- define "dko.chosen" -}}',
    "{{- $root := .root }}",
    "{{- $chosen := list }}",
    "{{- range .of }}",
    '{{- if include "dko.isChosen" (dict "root" $root "plural" (trimSuffix "/status" .)) }}{{ $chosen = append $chosen . }}{{ end }}',
    "{{- end }}",
    '{{- if $chosen }}[{{ join ", " $chosen }}]{{ end }}',
    "{{- end }}",
    "",
  ];
}

/** The kinds whose manifests may refer to a ConfigMap. */
const READERS = allResources.filter(({ readsConfigMaps }) => readsConfigMaps === true)
  .map(({ plural }) => JSON.stringify(plural)).join(" ");

const CONFIG_MAPS = "  resourceNames: {{ prepend .Values.rbac.configMapNames .Values.configMapName | toJson }}";

/** The template lines that limit a rule to names, by its resource. */
const names: Record<string, string[]> = {
  configmaps: [
    `  {{- if or .Values.rbac.configMapNames (not (include "dko.chosen" (dict "root" . "of" (list ${READERS})))) }}`,
    CONFIG_MAPS,
    "  {{- end }}",
  ],
  secrets: [
    "  {{- with .Values.rbac.secretNames }}",
    "  resourceNames:",
    "    {{- toYaml . | nindent 4 }}",
    "  {{- end }}",
  ],
  leases: ["  resourceNames:", '    {{- include "dko.leases" . | trim | nindent 4 }}'],
};

/** In a ClusterRole, the namespaces are also limited by name. */
const END_NAMES: Record<string, string[]> = {
  ...names,
  configmaps: [CONFIG_MAPS],
  namespaces: ['  resourceNames: {{ splitList "," (include "dko.namespaces" .) | toJson }}'],
};

/** A rule about the operator's kinds: it covers the selected ones, and is omitted if there are none. */
function kindsRuleTemplate({ apiGroups, resources, verbs }: PolicyRule): string {
  const all = resources.map((resource) => JSON.stringify(resource)).join(" ");
  return [
    `{{- with include "dko.chosen" (dict "root" . "of" (list ${all})) }}`,
    `- apiGroups: ${JSON.stringify(apiGroups)}`,
    "  resources: {{ . }}",
    `  verbs: [${verbs.join(", ")}]`,
    "{{- end }}",
  ].join("\n");
}

function ruleTemplate(rule: PolicyRule, limits = names): string {
  const { apiGroups, resources, resourceNames, verbs } = rule;
  if (apiGroups.includes(GROUP)) return kindsRuleTemplate(rule);
  const [resource = ""] = resources;
  const isNamed = resource !== "leases" || resourceNames !== undefined;
  return [
    `- apiGroups: ${JSON.stringify(apiGroups)}`,
    `  resources: [${resources.join(", ")}]`,
    ...isNamed ? limits[resource] ?? [] : [],
    `  verbs: [${verbs.join(", ")}]`,
  ].join("\n");
}
