/**
 * DatabricksExternalLocation: a path in the cloud with the credential that opens it (Unity Catalog API 2.1).
 *
 * @module
 */
import * as z from "zod";
import { type ExternalLocationInfo, ExternalLocationsCreate, ExternalLocationsUpdate } from "../databricks/types.ts";
import { commonColumns, defineResource, type Resource } from "../resource.ts";
import { withGrants } from "./shared/grants.ts";
import { bindingEndpoints } from "./shared/securable_steps.ts";
import {
  holdsAll,
  keyOfName,
  lower,
  nameIssues,
  onlyIfAsked,
  securable,
  securableEndpoints,
  securableOperations,
  withForce,
  withoutSlash,
} from "./shared/securables.ts";

const { effective_enable_file_events: _output, effective_file_event_queue: _computed, ...settings } =
  ExternalLocationsCreate.shape;
const { owner, isolation_mode } = ExternalLocationsUpdate.shape;

const Location = z.looseObject({
  ...settings,
  name: z.string().optional(),
  owner,
  isolation_mode,
}).meta({ typeName: "catalog.ExternalLocation" });

const Spec = z.looseObject({
  external_location: Location.describe("The external location, with the fields of the External Locations API"),
  force_destroy: z.boolean().describe("Delete it even if tables, volumes or mounts depend on it").optional(),
});

type Desired = z.infer<typeof Location> & { force_destroy?: boolean };

const endpoints = {
  ...securableEndpoints("external_locations", {
    path: "external-locations",
    at: "spec.external_location.credential_name",
    parent: "the storage credential",
    children: "the tables, volumes and mounts that depend on it",
  }),
  ...bindingEndpoints,
};

const location = defineResource<z.infer<typeof Spec>, Desired, ExternalLocationInfo>({
  ...securable,
  kind: "DatabricksExternalLocation",
  plural: "databricksexternallocations",
  singular: "databricksexternallocation",
  shortNames: ["dblocation"],
  noun: "external location",
  description: "A path in the cloud, with the storage credential that gives Unity Catalog access to it",
  spec: Spec,
  observed: z.custom<ExternalLocationInfo>(),
  comparableSchema: Location,
  desiredPath: "spec.external_location",
  descriptions: {
    "catalog.ExternalLocation": {
      comment: "A comment. If absent, it is not changed; an empty text clears it.",
      credential_name: "The storage credential for access to it.",
      enable_file_events: "Whether Databricks tracks changes to its files through events.",
      encryption_details: "The server-side encryption of files.",
      fallback: "Whether to fall back to a cluster's own credentials.",
      file_event_queue: "The queue of the events, made by Databricks or provided.",
      isolation_mode: "ISOLATED: only bound workspaces can see it; the operator binds this one.",
      name: "The name in the metastore, in any case; defaults to metadata.name. Cannot be changed.",
      owner: "The user, group or service principal that owns it. Default: its creator.",
      read_only: "Whether it is read-only.",
      skip_validation: "Do not check access to the path on create and update.",
      url: "The path: s3://, abfss:// or gs://.",
    },
    "catalog.EncryptionDetails": { sse_encryption_details: "Server-side encryption." },
    "catalog.SseEncryptionDetails": {
      algorithm: "The algorithm.",
      aws_kms_key_arn: "The key, for AWS_SSE_KMS.",
    },
    "catalog.FileEventQueue": {
      managed_aqs: "An Azure queue that Databricks makes.",
      managed_pubsub: "A Pub/Sub subscription that Databricks makes.",
      managed_sqs: "An SQS queue that Databricks makes.",
      provided_aqs: "Your own Azure queue.",
      provided_pubsub: "Your own Pub/Sub subscription.",
      provided_sqs: "Your own SQS queue.",
    },
    "catalog.AzureQueueStorage": {
      managed_resource_id: "The queue's id. Made by Databricks.",
      queue_url: "The queue's URL.",
      resource_group: "The resource group of the queue.",
      subscription_id: "The subscription of the queue.",
    },
    "catalog.GcpPubsub": {
      managed_resource_id: "The subscription's id. Made by Databricks.",
      subscription_name: "The subscription's name: projects/<project>/subscriptions/<name>.",
    },
    "catalog.AwsSqsQueue": {
      managed_resource_id: "The queue's id. Made by Databricks.",
      queue_url: "The queue's URL.",
    },
  },
  fields: {
    immutable: ["name"],
    updateOnly: ["owner", "isolation_mode"],
    unread: ["force_destroy", "skip_validation"],
    spelling: { name: lower, credential_name: lower, owner: lower, url: withoutSlash },
    answers: { file_event_queue: holdsAll, encryption_details: holdsAll },
    onlyIfAsked: onlyIfAsked(
      ...["comment", "enable_file_events", "encryption_details", "fallback", "file_event_queue", "isolation_mode"],
      ...["owner", "read_only"],
    ),
  },
  endpoints,
  external: securableOperations<Desired, ExternalLocationInfo>(endpoints, {
    immutable: ["name"],
    updateOnly: ["isolation_mode"],
    keptBack: ["force_destroy"],
    options: ["skip_validation"],
    isolation: { type: "external_location", mode: "ISOLATION_MODE_ISOLATED" },
    naturalKey: keyOfName,
  }),
  printerColumns: [
    { name: "URL", type: "string", jsonPath: ".spec.external_location.url" },
    ...commonColumns,
  ],
  naturalKey: keyOfName,
  desired: ({ external_location, force_destroy }, { name }) => withForce(name, external_location, force_destroy),
  validate: ({ external_location: { name } }) => nameIssues("spec.external_location", { name }),
  comparable: (location) => location,
  url: (host, id) => `${host}/explore/locations/${encodeURIComponent(id)}`,
  examples: [{
    title: "A bucket for files that arrive",
    spec: {
      external_location: { name: "landing", url: "s3://example-landing/files/", credential_name: "metastore_default" },
    },
    edited: {
      external_location: {
        name: "landing",
        url: "s3://example-landing/files/",
        credential_name: "metastore_default",
        read_only: true,
        comment: "Files of partners",
        isolation_mode: "ISOLATION_MODE_ISOLATED",
        skip_validation: true,
      },
      force_destroy: true,
    },
  }],
});

/** The declaration of kind DatabricksExternalLocation. */
export const databricksExternalLocation: Resource = withGrants(location, { securable: "external_location" });
