/**
 * State that places share because they sign in as the same principal: the rate limit, and the view of a workspace.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { Limiter } from "../../databricks/call/limiter.ts";
import type { Method, SignIn } from "../../databricks/sign_in/method.ts";
import { namespaceIn, type Place } from "../object/place.ts";
import { principalOf } from "./identity.ts";
import type { Settings } from "./settings.ts";

/** Methods that prove that a place may see what the principal sees: its Secret holds the proof. */
const WITH_PROOF: readonly Method["type"][] = ["pat", "oauth-m2m", "azure-client-secret"];

interface Known {
  readonly principal: string;
  readonly limiter: Limiter;
  /** The place's proof of identity; never shown. */
  readonly proof: string;
  readonly view: string;
}

/** The principals of all places. */
export class Principals {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  #views = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Notes how a place signs in.
   *
   * @returns the limiter of its principal. Refusals and waits of other principals do not affect it.
   */
  enter(place: Place, signIn: SignIn, settings: Settings): Limiter {
    const rate = {
      ratePerSecond: settings.rateLimit,
      ...settings.rateLimitBurst > 0 && { burst: settings.rateLimitBurst },
    };
    const principal = principalOf(namespaceIn(place), signIn);
    const limiter = this.#find((known) => known.principal === principal)?.limiter ??
      new Limiter({ ...rate, clock: this.#clock });
    limiter.configure(rate);
    const proof = proofOf(namespaceIn(place), signIn, settings);
    const view = this.#find((known) => known.proof === proof)?.view ?? `view ${++this.#views}`;
    this.#known.set(place, { principal, limiter, proof, view });
    return limiter;
  }

  /**
   * Returns the name of a place's view of its workspace: places with the same name see the same resources. A client's
   * id alone, without its secret, gives a place no shared view.
   */
  viewOf(place: Place): string {
    return this.#known.get(place)?.view ?? `namespace ${place}`;
  }

  /** Forgets a place. */
  leave(place: Place): void {
    this.#known.delete(place);
  }

  #find(isMeant: (known: Known) => boolean): Known | undefined {
    return this.#known.values().find(isMeant);
  }
}

function proofOf(
  namespace: string,
  { host, method, network }: SignIn,
  { jobsApiVersion, ownershipTag }: Settings,
): string {
  // With another tag, other objects are known; over another route, the workspace may not be reachable.
  return JSON.stringify([
    host,
    method,
    network,
    jobsApiVersion,
    ownershipTag,
    ...WITH_PROOF.includes(method.type) ? [] : [namespace],
  ]);
}
