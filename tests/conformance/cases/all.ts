/** The table of the API's behaviours. @module */
import type { Case } from "../world.ts";
import { applying } from "./applying.ts";
import { coreKinds } from "./core_kinds.ts";
import { definitions } from "./definitions.ts";
import { deletion } from "./deletion.ts";
import { discovery } from "./discovery.ts";
import { emptying } from "./emptying.ts";
import { events, keys } from "./events.ts";
import { lists } from "./lists.ts";
import { namespaces } from "./namespaces.ts";
import { objects } from "./objects.ts";
import { patches } from "./patches.ts";
import { ruleChecks } from "./rule_checks.ts";
import { rules } from "./rules.ts";
import { schemas } from "./schemas.ts";
import { status } from "./status.ts";
import { watches } from "./watches.ts";

export const cases: readonly Case[] = [
  ...objects,
  ...status,
  ...schemas,
  ...rules,
  ...ruleChecks,
  ...lists,
  ...watches,
  ...patches,
  ...applying,
  ...emptying,
  ...deletion,
  ...namespaces,
  ...coreKinds,
  ...definitions,
  ...discovery,
  ...events,
  ...keys,
];
