/**
 * DatabricksNotificationDestination: where jobs and alerts send notifications (Notification Destinations API 2.0).
 *
 * Addresses, tokens and passwords come from a Secret and are never returned, so they are sent again when the Secret
 * changed, and whenever the configuration is sent.
 *
 * @module
 */
import * as z from "zod";
import type { NotificationDestination } from "../databricks/types.ts";
import {
  type CallInput,
  commonColumns,
  defineResource,
  endpoint,
  type External,
  type FindContext,
  type Intent,
  type Quirk,
  topFields,
  type Workspace,
} from "../resource.ts";

/** The types by their field in `config`: the name of the type, and the keys that a Secret may have for it. */
const TYPES: Readonly<Record<string, { readonly name: string; readonly keys: readonly string[] }>> = {
  email: { name: "EMAIL", keys: [] },
  slack: { name: "SLACK", keys: ["url", "oauth_token", "channel_id"] },
  pagerduty: { name: "PAGERDUTY", keys: ["integration_key"] },
  generic_webhook: { name: "WEBHOOK", keys: ["url", "username", "password"] },
  microsoft_teams: { name: "MICROSOFT_TEAMS", keys: ["url", "app_id", "auth_secret", "channel_url", "tenant_id"] },
  databricks_app_slack: { name: "DATABRICKS_APP_SLACK", keys: ["channel_id", "team_id"] },
  databricks_app_teams: { name: "DATABRICKS_APP_TEAMS", keys: ["channel_id", "team_id", "tenant_id"] },
};

/**
 * A type without its secrets: `{}`. When an address is removed from an applied manifest, the API server's merge turns
 * it into null.
 */
const inSecret = (type: string) =>
  z.looseObject({}).nullable().transform((fields) => fields ?? {})
    .describe(`{}; the Secret has the keys: ${TYPES[type]?.keys.join(", ")}`).optional();

const Config = z.looseObject({
  email: z.looseObject({
    addresses: z.array(z.string().max(320)).min(1).max(1000).describe("The addresses"),
  }).describe("E-mail").optional(),
  slack: inSecret("slack"),
  pagerduty: inSecret("pagerduty"),
  generic_webhook: inSecret("generic_webhook"),
  microsoft_teams: inSecret("microsoft_teams"),
});

const Destination = z.looseObject({
  display_name: z.string().describe("The name in the workspace; defaults to metadata.name").optional(),
  config: Config.describe("The type with its settings that are not secret; exactly one"),
});

const Spec = z.looseObject({
  destination: Destination.describe("The destination, with the fields of the Notification Destinations API"),
  secret_name: z.string().describe("The Secret in this namespace that has the addresses and tokens; not for email")
    .optional(),
});

type Config = Readonly<Record<string, Record<string, unknown> | undefined>>;

/** The manifest's destination, with the type of its config. */
interface Desired {
  readonly display_name?: string | undefined;
  readonly config: Config;
  readonly destination_type?: string | undefined;
}

const taken: Quirk = {
  why: "Undocumented: whether names are unique. A taken name may be a 400 that says so",
  message: /already exists|must be unique/i,
  means: "taken",
};

const fixedType: Quirk = {
  why: "Undocumented: whether the type of a destination can be changed",
  message: /type.*(cannot|can not|must not) be changed/i,
  means: "refused",
  remedy: "set spec.destination.config back, and give the other type to an object of another name",
};

const wrongKeys: Quirk = {
  why: "The fields that a type needs come from the Secret",
  status: 400,
  message: /url|token|integration_key|channel|tenant|auth_secret|config/i,
  means: "refused",
  remedy: "see that the Secret of spec.secret_name has the keys that kubectl explain names for this type",
};

const secrets = Object.entries(TYPES).flatMap(([type, { keys }]) => keys.map((key) => `config.${type}.${key}`));

const endpoints = {
  get: endpoint("GET /api/2.0/notification-destinations/{id}"),
  list: endpoint("GET /api/2.0/notification-destinations", { items: "results" }),
  create: endpoint("POST /api/2.0/notification-destinations", { secrets, errors: [taken, wrongKeys] }),
  update: endpoint("PATCH /api/2.0/notification-destinations/{id}", { secrets, errors: [taken, fixedType, wrongKeys] }),
  delete: endpoint("DELETE /api/2.0/notification-destinations/{id}"),
};

/** The declaration of kind DatabricksNotificationDestination. */
export const databricksNotificationDestination = defineResource<
  z.infer<typeof Spec>,
  Desired,
  NotificationDestination
>({
  kind: "DatabricksNotificationDestination",
  plural: "databricksnotificationdestinations",
  singular: "databricksnotificationdestination",
  shortNames: ["dbdestination"],
  noun: "notification destination",
  description: "A destination for the notifications of jobs and alerts",
  identity: "natural",
  spec: Spec,
  observed: z.custom<NotificationDestination>(),
  comparableSchema: Destination.extend({ destination_type: z.string() }),
  desiredPath: "spec.destination",
  fields: {
    unordered: ["config.email.addresses"],
    confidential: [...new Set(Object.values(TYPES).flatMap(({ keys }) => keys))],
  },
  endpoints,
  external: {
    observe: (workspace, id) =>
      workspace.tryCall(endpoints.get, { id }) as Promise<NotificationDestination | undefined>,
    find,
    create: async (workspace, intent) =>
      String((await workspace.call(endpoints.create, { ...fieldsOf(intent), config: configOf(intent) })).id),
    update: async (workspace, id, intent) => {
      // Secrets are sent with the configuration only.
      const isNameOnly = topFields(intent.changes).join() === "display_name";
      const config = isNameOnly ? {} : { config: configOf(intent) };
      await workspace.call(endpoints.update, { ...fieldsOf(intent), ...config, id });
    },
    delete: async (workspace, id) => {
      await workspace.tryCall(endpoints.delete, { id });
    },
    list,
  },
  printerColumns: [
    { name: "Destination", type: "string", jsonPath: ".spec.destination.display_name" },
    ...commonColumns,
    { name: "Destination ID", type: "string", jsonPath: ".status.id", priority: 1 },
  ],
  rules: [{
    at: ["destination", "config"],
    rule: `[${
      Object.keys(TYPES).slice(0, 5).map((type) => `has(self.${type})`).join(", ")
    }].filter(one, one).size() <= 1`,
    message: `only one of ${Object.keys(TYPES).slice(0, 5).join(", ")} can be given: make an object for each`,
  }, {
    rule: "has(self.destination.config.email) || has(self.secret_name)",
    message: "spec.secret_name is needed: the Secret with the address or the token; only email needs none",
  }],
  apiVersion: () => "2.0",
  naturalKey: ({ display_name = "" }) => display_name,
  desired: ({ destination: { config, ...rest } }, { name }) => {
    const types = Object.entries(TYPES).filter(([type]) => config[type] !== undefined).map(([, one]) => one.name);
    const destination_type = types[0];
    return {
      display_name: name,
      ...rest,
      config,
      ...(destination_type === undefined ? {} : { destination_type }),
    } as Desired;
  },
  validate: ({ destination: { config } }) => [
    ...(typesOf(config).length === 1 ? [] : [{
      path: "spec.destination.config",
      message: `must have exactly one type: one of ${Object.keys(TYPES).join(", ")}`,
    }]),
    ...Object.entries(TYPES).flatMap(([type, { keys }]) =>
      keys.filter((key) => (config[type] as object | undefined)?.hasOwnProperty(key)).map((key) => ({
        path: `spec.destination.config.${type}.${key}`,
        message:
          `is never returned by Databricks: move it into a Secret of this namespace, as key ${key}, and name that in ` +
          "spec.secret_name",
      }))
    ),
  ],
  reference: ({ secret_name, destination: { config } }) => {
    if (secret_name === undefined || config.email !== undefined) return undefined;
    const reference = { name: secret_name, field: "spec.secret_name" };
    return config.pagerduty === undefined ? reference : { ...reference, key: "integration_key" };
  },
  isReferenceOptional: true,
  referenceField: "spec.secret_name",
  comparable: ({ display_name, destination_type, config }) => ({ display_name, destination_type, config }),
  displayName: ({ display_name = "" }) => display_name,
  url: (host) => `${host}/settings/workspace/notifications/notification-destinations`,
  examples: [{
    title: "E-mail to a team",
    spec: { destination: { display_name: "Data team", config: { email: { addresses: ["data@example.com"] } } } },
    edited: {
      destination: {
        display_name: "Data team",
        config: { email: { addresses: ["on-call@example.com", "data@example.com"] } },
      },
    },
  }, {
    title: "A channel of Slack",
    spec: { destination: { display_name: "Alerts", config: { slack: {} } }, secret_name: "alerts-channel" },
    secret: { url: "https://hooks.example.com/services/s3cret" },
    edited: { destination: { display_name: "Alerts of data", config: { slack: {} } }, secret_name: "alerts-channel" },
  }],
});

/** The types of a configuration; an unknown type counts if there is no other. */
function typesOf(config: Readonly<Record<string, unknown>>): string[] {
  const given = Object.keys(config).filter((type) => config[type] !== undefined);
  const known = given.filter((type) => TYPES[type] !== undefined);
  return known.length > 0 ? known : given;
}

/** The fields beside the configuration. */
function fieldsOf(
  { desired: { config: _config, destination_type: _computed, ...fields } }: Intent<Desired>,
): CallInput {
  return fields;
}

/** The configuration with the Secret's values for its type. */
function configOf({ desired: { config }, values }: Intent<Desired>): CallInput {
  const decoder = new TextDecoder();
  return Object.fromEntries(
    Object.entries(config).map(([type, settings]) => {
      const keys = (TYPES[type]?.keys ?? Object.keys(values)).filter((key) => values[key] !== undefined);
      return [type, { ...settings, ...Object.fromEntries(keys.map((key) => [key, decoder.decode(values[key])])) }];
    }),
  );
}

/** A row contains no configuration. */
async function* list(workspace: Workspace): AsyncIterable<External<NotificationDestination>[]> {
  for await (const page of workspace.pages(endpoints.list)) {
    yield (page as NotificationDestination[]).map((row) => ({ id: String(row.id), observed: row, partial: true }));
  }
}

async function find(
  workspace: Workspace,
  { desired: { display_name } }: Intent<Desired>,
  { name }: FindContext,
): Promise<External<NotificationDestination>[]> {
  const found: External<NotificationDestination>[] = [];
  for await (const page of list(workspace)) {
    found.push(...page.filter(({ observed }) => [display_name, name].includes(observed.display_name)));
  }
  return found;
}
