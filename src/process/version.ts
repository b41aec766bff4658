/**
 * The version of the operator.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };

/** `0.2.0`. */
export const VERSION_TEXT: string = config.version;
