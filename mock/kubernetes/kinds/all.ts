/** The built-in kinds. @module */
import type { ResourceType } from "../resource_type.ts";
import { configMaps } from "./config_map.ts";
import { customResourceDefinitions } from "./custom_resource_definition.ts";
import { events, newEvents } from "./event.ts";
import { leases } from "./lease.ts";
import { namespaces } from "./namespace.ts";
import { secrets } from "./secret.ts";
import { serviceAccounts } from "./service_account.ts";
import { stored } from "./stored.ts";

export const builtins: readonly ResourceType[] = [
  configMaps,
  events,
  namespaces,
  secrets,
  serviceAccounts,
  customResourceDefinitions,
  leases,
  newEvents,
  ...stored,
];
