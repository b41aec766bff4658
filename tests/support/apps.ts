/**
 * Helpers for cluster tests of apps.
 *
 * @module
 */
import { condition, eventually, manifest, problem, type World } from "./harness.ts";

/** The kind of apps. */
export const KIND = "DatabricksApp";
/** The path of its API. */
export const PATH = "/api/2.0/apps";
/** A folder with code. */
export const CODE = "/Workspace/Shared/orders";

/** Fields of a manifest or an answer. */
export type Fields = Record<string, unknown>;

/** Fields that start the app. */
export const running = { lifecycle: { started: true } };
/** Fields that deploy code to it. */
export const code = (more: Fields = {}) => ({ deployment: { source_code_path: CODE, ...more } });
/** The manifest of an app. */
export const orders = (app: Fields = {}) => manifest(KIND, "orders", { app });

/** The write calls about apps, without their common path. */
export function writes({ workspace: { ledger } }: World): string[] {
  return ledger.writes().filter(({ path }) => path.startsWith(PATH))
    .map(({ method, path }) => `${method} ${path.slice(PATH.length)}`.trim());
}

/** Counts the calls of one verb. */
export function count(world: World, verb: string): number {
  return world.workspace.ledger.count("POST", `/orders/${verb}`);
}

/** Adds a folder with code to the workspace. */
export function addCode({ workspace }: World, path = CODE): void {
  workspace.repos.addFolder(path.replace("/Workspace", ""));
}

/** Waits until an object is not Ready with this reason, and returns the message. */
export async function unready(world: World, reason: string): Promise<string> {
  return await eventually(`it is not Ready: ${reason}`, async () => {
    const object = await world.get(KIND, "orders");
    const ready = condition(object, "Ready");
    return ready?.status === "False" && ready.reason === reason
      ? ready.message
      : problem(JSON.stringify(object?.status?.conditions));
  });
}

/** Applies an app with code, and waits until it runs. */
export async function deployed(world: World, more: Fields = {}): Promise<void> {
  addCode(world);
  await world.apply(orders({ ...running, ...code(), ...more }));
  await eventually("its code runs", () => {
    const { app_status } = world.workspace.kinds.apps.get("orders") ?? {};
    return (app_status as Fields | undefined)?.state === "RUNNING" || problem(JSON.stringify(app_status));
  });
  await world.ready(KIND, "orders");
}

/** A workspace in which starts, stops, deployments and deletions finish only when the test lets time pass. */
export function held() {
  const clock = { ms: 0 };
  return {
    pass: () => void (clock.ms += 3_600_000),
    mock: { startMs: 3_600_000, now: () => Date.now() + clock.ms },
  };
}
