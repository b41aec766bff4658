/**
 * DatabricksVolume: a volume of Unity Catalog (API 2.1), which contains files.
 *
 * @module
 */
import * as z from "zod";
import { type VolumeInfo, VolumesCreate, VolumesUpdate } from "../databricks/types.ts";
import { commonColumns, defineResource, type Resource } from "../resource.ts";
import { withGrants } from "./shared/grants.ts";
import {
  belowSchema,
  inParentIssues,
  keyInSchema,
  lower,
  onlyIfAsked,
  schemaOf,
  securable,
  securableEndpoints,
  securableOperations,
  withoutSlash,
} from "./shared/securables.ts";

const Volume = z.looseObject({
  ...VolumesCreate.shape,
  name: z.string().optional(),
  owner: VolumesUpdate.shape.owner,
}).meta({ typeName: "catalog.Volume" });

const Spec = z.looseObject({ volume: Volume.describe("The volume, with the fields of the Volumes API") });

type Volume = z.infer<typeof Volume>;

const IMMUTABLE = ["name", "catalog_name", "schema_name", "volume_type", "storage_location"];

const endpoints = securableEndpoints("volumes", {
  at: "spec.volume.catalog_name and spec.volume.schema_name",
  parent: "the catalog and the schema",
});

const volume = defineResource<z.infer<typeof Spec>, Volume, VolumeInfo>({
  ...securable,
  kind: "DatabricksVolume",
  plural: "databricksvolumes",
  singular: "databricksvolume",
  shortNames: ["dbvolume"],
  noun: "volume",
  description:
    "A volume of Unity Catalog. It stays in Databricks when its object is deleted, unless that says otherwise",
  spec: Spec,
  observed: z.custom<VolumeInfo>(),
  comparableSchema: Volume,
  statusFields: {
    volume_id: z.string().describe("The volume's UUID").optional(),
    storage_location: z.string().describe("The location of its files in cloud storage").optional(),
    path: z.string().describe("The path of its files: /Volumes/catalog/schema/name").optional(),
  },
  desiredPath: "spec.volume",
  descriptions: {
    "catalog.Volume": {
      catalog_name: "Its catalog. Cannot be changed.",
      comment: "A comment. If absent, it is not changed; an empty text clears it.",
      name: "The volume's name, in any case; defaults to metadata.name. Cannot be changed.",
      owner: "The user, group or service principal that owns it. Default: its creator.",
      schema_name: "Its schema. Cannot be changed.",
      storage_location: "The folder of an EXTERNAL volume, below an external location. Cannot be changed.",
      volume_type: "MANAGED (stored by Databricks) or EXTERNAL (stored by you). Cannot be changed.",
    },
  },
  fields: {
    immutable: IMMUTABLE,
    updateOnly: ["owner"],
    spelling: { name: lower, catalog_name: lower, schema_name: lower, owner: lower, storage_location: withoutSlash },
    onlyIfAsked: onlyIfAsked("comment", "owner", "storage_location"),
  },
  endpoints,
  external: securableOperations<Volume, VolumeInfo>(endpoints, {
    immutable: IMMUTABLE,
    below: belowSchema,
    naturalKey: keyInSchema,
  }),
  printerColumns: [
    { name: "Volume", type: "string", jsonPath: ".status.id" },
    { name: "Type", type: "string", jsonPath: ".spec.volume.volume_type" },
    ...commonColumns,
  ],
  rules: [{
    at: ["volume"],
    rule: "has(self.storage_location) == (self.volume_type == 'EXTERNAL')",
    message: "volume_type EXTERNAL needs a storage_location, and no other volume_type takes one",
  }],
  naturalKey: keyInSchema,
  desired: ({ volume }, { name }) => ({ name, ...volume }),
  validate: ({ volume }) => inParentIssues("spec.volume", volume, ["catalog_name", "schema_name"]),
  parents: schemaOf,
  comparable: (volume) => volume,
  show: ({ volume_id, storage_location, full_name }) => ({
    volume_id,
    storage_location,
    path: full_name === undefined ? undefined : `/Volumes/${full_name.replaceAll(".", "/")}`,
  }),
  dangers: { deletesData: "its files" },
  url: (host, id) => `${host}/explore/data/volumes/${id.split(".").map(encodeURIComponent).join("/")}`,
  examples: [{
    title: "A volume for files that arrive",
    spec: {
      volume: {
        catalog_name: "main",
        schema_name: "default",
        name: "landing",
        volume_type: "MANAGED",
        comment: "Files of partners",
      },
    },
    edited: {
      volume: {
        catalog_name: "main",
        schema_name: "default",
        name: "landing",
        volume_type: "MANAGED",
        comment: "Files from partners, kept for a week",
        owner: "data-engineers",
      },
    },
  }, {
    title: "A volume on a bucket",
    spec: {
      volume: {
        catalog_name: "main",
        schema_name: "default",
        name: "raw",
        volume_type: "EXTERNAL",
        storage_location: "s3://example-raw/files/",
      },
    },
    edited: {
      volume: {
        catalog_name: "main",
        schema_name: "default",
        name: "raw",
        volume_type: "EXTERNAL",
        storage_location: "s3://example-raw/files/",
        comment: "As they came",
      },
    },
  }],
});

/** The declaration of kind DatabricksVolume. */
export const databricksVolume: Resource = withGrants(volume, { securable: "volume" });
