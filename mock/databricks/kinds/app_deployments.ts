/**
 * The deployments of one app: one at a time, ended by the workspace's clock.
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

/** The course of a deployment: its duration (ms), and its failure if it fails. */
interface Course {
  readonly ms: number;
  readonly broken: string | undefined;
}

/** An app's deployments, from the oldest to the newest. */
export class AppDeployments {
  readonly #context: KindContext;
  readonly #all: Deployment[] = [];
  /** The number of the last deployment before the app was stopped. */
  #cleared = 0;
  #count = 0;

  constructor(context: KindContext) {
    this.#context = context;
  }

  /** Begins a deployment and returns it in the API's format. */
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

  /** Deploys the last code again, or the given source if there was none. */
  again({ source, ...course }: Course & { readonly source: string | undefined }): void {
    const last = this.#succeeded(0);
    const fields = last?.fields ?? (source === undefined ? undefined : { source_code_path: source });
    if (fields !== undefined) this.add(fields, course);
  }

  /** Hides all deployments so far, because the app stops. */
  clear(): void {
    this.#cleared = this.#count;
  }

  isUnderWay(): boolean {
    return this.#all.at(-1)?.state.state === "IN_PROGRESS";
  }

  isActive(): boolean {
    return this.#succeeded(this.#cleared) !== undefined;
  }

  /** The app's fields about its deployments. */
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

  /** The deployment with an id. @throws {ApiError} 404 if there is none. */
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
