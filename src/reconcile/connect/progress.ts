/**
 * Log lines about how a place gets its connection; users know them from the predecessor.
 *
 * @module
 */
import { logger } from "../../telemetry/log.ts";
import type { Place } from "../object/place.ts";
import type { Blocked } from "./workspace_connection.ts";

const log = logger("context");

/** Logs what a place waits for, or that it is connected. */
export function logProgress(
  place: Place,
  state: { readonly blocked: Blocked | undefined; readonly line: string; readonly configMapName: string },
): void {
  const { blocked, line, configMapName } = state;
  if (blocked === undefined) {
    log.info(`Found config map and API secret in namespace ${place}: ${line}`);
  } else if (blocked.reason === "SettingsMissing") {
    log.info(`Waiting for settings in config map: ${place}/${configMapName}`);
  } else if (blocked.reason === "CredentialsMissing") {
    log.info(`Found config map; waiting for API secret: ${blocked.message}`);
  } else log.error(blocked.message);
}
