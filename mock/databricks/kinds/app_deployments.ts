/**
 * The deployments of one app: one at a time, by the workspace's clock.
 *
 * @module
 */
import { notFound } from "../errors.ts";
import { Clocked } from "./clocked.ts";
import { pick } from "./collection.ts";
import type { KindContext } from "./context.ts";

type Fields = Record<string, unknown>;
type State = "IN_PROGRESS" | "SUCCEEDED" | "FAILED";

/** The fields that a deployment accepts (SDK 0.162: apps.AppDeployment). */
const FIELDS = ["command", "env_vars", "git_source", "health_check", "mode", "source_code_path"];

interface Deployment {
  readonly number: number;
  readonly fields: Fields;
  readonly state: Clocked<State>;
  readonly created: number;
  readonly why: string | undefined;
}

/** How a deployment passes: in so long (ms), and with which failure. */
interface Course {
  readonly ms: number;
  readonly broken: string | undefined;
}

/** Deployments, from the oldest to the newest. */
export class AppDeployments {
  readonly #context: KindContext;
  readonly #all: Deployment[] = [];
  /** Deployments up to this one are of an earlier start. */
  #cleared = 0;
  #count = 0;

  constructor(context: KindContext) {
    this.#context = context;
  }

  /** Begins a deployment and returns it as an answer does. */
  add(fields: Fields, { ms, broken }: Course): Fields {
    const { now } = this.#context;
    const state = new Clocked<State>(now, "IN_PROGRESS");
    state.pass("IN_PROGRESS", { ms, to: broken === undefined ? "SUCCEEDED" : "FAILED" });
    const number = ++this.#count;
    const one: Deployment = {
      number,
      fields: { mode: "SNAPSHOT", ...pick(fields, FIELDS) },
      state,
      created: now(),
      why: broken,
    };
    this.#all.push(one);
    return this.#told(one);
  }

  /** Deploys the last code again, or code of its own where there is none. */
  again({ source, ...course }: Course & { readonly source: string | undefined }): void {
    const last = this.#succeeded(0);
    const fields = last?.fields ?? (source === undefined ? undefined : { source_code_path: source });
    if (fields !== undefined) this.add(fields, course);
  }

  /** The app stops: neither deployment is told of any more. */
  clear(): void {
    this.#cleared = this.#count;
  }

  isUnderWay(): boolean {
    return this.#all.at(-1)?.state.state === "IN_PROGRESS";
  }

  isActive(): boolean {
    return this.#succeeded(this.#cleared) !== undefined;
  }

  /** The fields of an app that tell of its deployments. */
  told(hidesFailed: boolean): Fields {
    const active = this.#succeeded(this.#cleared);
    const last = this.#all.at(-1);
    const isTold = last !== undefined && last.number > this.#cleared && last !== active &&
      !(hidesFailed && last.state.state === "FAILED");
    const pending = isTold ? last : undefined;
    const { source_code_path, git_source } = this.#succeeded(0)?.fields ?? {};
    return {
      ...(active === undefined ? {} : { active_deployment: this.#told(active) }),
      ...(pending === undefined ? {} : { pending_deployment: this.#told(pending) }),
      ...(source_code_path === undefined ? {} : { default_source_code_path: source_code_path }),
      ...(git_source === undefined ? {} : { default_git_source: git_source }),
    };
  }

  /** The deployment with an id, or the API's error. */
  get(id: string): Fields {
    const found = this.all().find(({ told }) => told.deployment_id === id);
    if (found === undefined) throw notFound(`Deployment ${id} does not exist`);
    return found.told;
  }

  all(): { readonly number: number; readonly told: Fields }[] {
    return this.#all.map((one) => ({ number: one.number, told: this.#told(one) }));
  }

  #succeeded(after: number): Deployment | undefined {
    return this.#all.findLast(({ number, state }) => number > after && state.state === "SUCCEEDED");
  }

  #told({ number, fields: { env_vars, ...fields }, state: { state }, created, why }: Deployment): Fields {
    const at = new Date(created + number).toISOString();
    const names = (env_vars as { name: string }[] | undefined)?.map(({ name }) => ({ name }));
    const message = state === "FAILED" ? why : state === "SUCCEEDED" ? "App started successfully" : "Preparing";
    return {
      ...fields,
      ...(names === undefined ? {} : { env_vars: names }),
      deployment_id: `01ef${String(number).padStart(28, "a")}`,
      create_time: at,
      update_time: at,
      creator: this.#context.user,
      status: { state, message },
    };
  }
}
