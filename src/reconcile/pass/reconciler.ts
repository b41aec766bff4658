/**
 * The only reconciler, for all kinds: observe, plan, act, report.
 *
 * Guarantees:
 * - a create begins only after the status says so (`pending`) and the operator's finalizer is set, so that an
 *   interrupted create is found again and never repeated;
 * - an external resource that belongs to somebody else is not written;
 * - `spec` is written only if Databricks is the source of truth;
 * - a pass in which nothing changed writes nothing, on either side.
 *
 * @module
 */
import { kindKey } from "../../base/object_key.ts";
import type { ReconcileResult } from "../../telemetry/metrics.ts";
import { notNamed } from "./write/adoption.ts";
import { waitForProof } from "./external/absence.ts";
import { needsBaseline } from "./write/baseline.ts";
import { bind, bindToSuccessor, keepFinalizer, noteOwner } from "./identity/bind.ts";
import { isConnected, namingSecret, showConnection } from "../connect/workspace_connection.ts";
import { type Context, forgetNotes, nextLookMs, noted, type ReconcilerOptions } from "./context.ts";
import { createOnce, isRefusedInDoubt } from "./write/create.ts";
import { followDatabricks } from "./write/follow.ts";
import { Failures } from "./failures.ts";
import { holdIfMarked, waitsForList } from "./identity/hold.ts";
import { looksFirst, see, seeAnew, type Seen } from "./external/observe.ts";
import { askedAnew, noteSync } from "./external/sync_request.ts";
import { holderMissing } from "./identity/holder.ts";
import { readManifest } from "./manifest/manifest.ts";
import { refuseToLoseData, showState } from "./external/readiness.ts";
import { Memory } from "./memory.ts";
import { followOnce, hasEnded, holdsBack, rest, startOnce } from "./run/once.ts";
import { settlePlan, type Waiting } from "./approve/admit.ts";
import { judge, judgeCreate, type Judgement, plansFirst, type Screen, writesNothing } from "./approve/judge.ts";
import { driftText, leavesGone, tellDrift, tellWaiting } from "./approve/tell.ts";
import { WaitingPlans } from "./approve/waiting_plans.ts";
import { Mutexes } from "../../base/mutex.ts";
import { attempt } from "../object/attempt.ts";
import { BlockedError, outcome } from "../object/outcome.ts";
import { fillParts } from "./parts/fill.ts";
import { after, type Next, sooner } from "./next.ts";
import { Pass } from "./pass.ts";
import type { Priority } from "../queue.ts";
import { pause } from "./pause.ts";
import { remove } from "./delete/delete.ts";
import { Repairs } from "./write/repairs.ts";
import { refuseRivals } from "./manifest/singles.ts";
import { awaitRequested, showRequested } from "./run/requested.ts";
import { requestRun, RunRetries, showRuns } from "./run/runs.ts";
import { targetOf } from "../object/references.ts";
import { annotation, annotationProblem, ownershipOf } from "../object/status.ts";
import { TwinReport } from "./identity/twin_report.ts";
import { UnknownFields } from "./manifest/unknown_fields.ts";
import { decide } from "./write/decide.ts";
import { refuseStanding } from "./write/standing.ts";
import { attemptOf, carryOut } from "./write/update.ts";
import { Waits } from "./waits.ts";
import { Work } from "./work.ts";
import { SentValues } from "./manifest/write_only.ts";

/** Reconciles the objects of one kind. */
export class Reconciler {
  readonly #context: Context;
  readonly #uids = new Map<string, string>();
  readonly #memory = new Memory();
  readonly #unknownFields = new UnknownFields();
  readonly #runRetries: RunRetries;
  readonly #twinReport = new TwinReport();
  /** One for each external resource that several objects write into. */
  readonly #fillings = new Mutexes();
  readonly #failures: Failures;

  constructor(options: ReconcilerOptions) {
    this.#context = {
      ...options,
      sent: new SentValues(),
      repairs: new Repairs(),
      waits: new Waits(),
      learned: new Set(),
      plans: new WaitingPlans(),
      granted: new Map(),
      ...noted(),
    };
    this.#failures = new Failures(this.#context);
    this.#runRetries = new RunRetries(options);
  }

  /** The plans that wait for approval, for the metrics. */
  get plans(): WaitingPlans {
    return this.#context.plans;
  }

  /**
   * Brings one object closer to its desired state. Never throws.
   *
   * @param priority `low` if nobody waits for it: its calls then let others pass.
   */
  async reconcile(key: string, priority: Priority): Promise<ReconcileResult> {
    const { state } = this.#context;
    const object = state.get(key);
    if (object === undefined) {
      this.#forget(key);
      return "success";
    }
    const pass = new Pass({
      ...this.#context,
      key,
      object,
    });
    // A new object of the same name: nothing that is known of the old one applies to it.
    if (this.#uids.get(key) !== pass.uid) this.#forget(key);
    this.#uids.set(key, pass.uid);
    this.#memory.restore(pass);
    try {
      const next = await this.#reconcile(pass, priority);
      await pass.save();
      this.#failures.forget(pass.uid);
      if (next === "done") return "success";
      state.enqueueAfter(key, next.afterMs);
      return "requeue_after";
    } catch (error) {
      return await this.#failures.handle(pass, error).finally(() => pass.trySettle());
    } finally {
      this.#memory.note(pass);
    }
  }

  #forget(key: string): void {
    const { references, secrets, configMaps, resource } = this.#context;
    const uid = this.#uids.get(key);
    if (uid === undefined) return;
    for (const each of [this.#twinReport, this.#memory, this.#runRetries, this.#failures]) each.forget(uid);
    forgetNotes(this.#context, uid);
    this.#uids.delete(key);
    this.#unknownFields.forget(key);
    for (const holders of [secrets, configMaps]) holders.release(kindKey(resource.plural, key));
    references.note(targetOf(resource.kind, key), new Set());
  }

  async #reconcile(pass: Pass, priority: Priority): Promise<Next> {
    const { connections, state: kind, resource } = this.#context;
    await keepFinalizer(pass);
    const problem = annotationProblem(pass.object);
    if (problem !== undefined) throw new BlockedError("InvalidAnnotation", problem);
    if (annotation(pass.object, "paused") === "true") return pause(pass);
    if (pass.object.metadata.deletionTimestamp !== undefined) return await remove(this.#context, pass);
    if (hasEnded(pass)) {
      noteSync(this.#context, pass);
      return await rest(this.#context, pass);
    }
    this.#showSettings(pass);
    showConnection(pass.status, connections.shown(pass.place));
    const state = connections.of(pass.place);
    if (!isConnected(state)) throw new BlockedError(state.reason, state.message);
    pass.principal = state.principal;
    noteOwner(pass);
    if (pass.status.owner === "operator") await pass.releaseSpec();
    else settlePlan(this.#context, pass);
    if (pass.status.id !== undefined && kind.in(pass.place).sweeper.defers(pass.key)) return "done";
    this.#unknownFields.tell(pass);
    this.#twinReport.tell(pass, kind.twins.of(pass.uid), state.settings.ownershipTag);
    const client = priority === "low" ? state.workspace.patient() : state.workspace;
    const connection = { ...state, workspace: client.after(() => pass.settle()) };
    const managed = await readManifest(pass, connection, this.#context, kindKey(resource.plural, pass.key));
    this.#unknownFields.doubt(pass, managed.spec);
    awaitRequested(pass, managed);
    refuseRivals(pass, managed, () => kind.peers(pass.place));
    const work = new Work(this.#context, pass, managed);
    // The first list shows resources with the manifest's name and an unknown object's tag.
    return waitsForList(work) ? "done" : await this.#bindAndReconcile(work);
  }

  async #bindAndReconcile(work: Work): Promise<Next> {
    const { pass } = work;
    const identity = await bind(work);
    if (identity.how === "wait") {
      const what = `Looking for the ${pass.resource.noun} whose creation was cut short`;
      if (!isRefusedInDoubt(pass)) pass.setReconciling("Creating", what);
      return after(nextLookMs(this.#context.timings, identity.waitMs));
    }
    if (identity.how === "none") {
      const next = await this.#create(work);
      if (next !== undefined) return next;
      // A resource that was just created need not be read.
      noteSync(this.#context, pass);
    } else if (ownershipOf(pass.object) === "operator") await pass.addFinalizer();
    return await this.#reconcileBound(work, askedAnew(work));
  }

  /** @returns what to wait for, if nothing was created. */
  async #create(work: Work): Promise<Next | undefined> {
    const { pass, pass: { status: { id, pending } } } = work;
    if (await holdsBack(work)) return await rest(this.#context, pass);
    if (id === undefined && pending === undefined) await holdIfMarked(work);
    const waiting = await judgeCreate(work, id === undefined ? "create" : "recreate");
    if (waiting !== undefined) return await this.#waitFor(work, waiting);
    return await startOnce(work) ? undefined : await rest(this.#context, pass);
  }

  #showSettings(pass: Pass): void {
    const issue = this.#context.connections.issues(pass.place)[0];
    pass.set(
      issue === undefined
        ? { type: "SettingsValid" }
        : { type: "SettingsValid", status: "False", reason: "InvalidSetting", message: issue.message },
    );
  }

  /** @param about The action that is about to happen, for which Databricks is read regardless of what is known. */
  async #reconcileBound(work: Work, about?: string): Promise<Next> {
    const { pass, here } = work;
    const begun = here.observations.begin();
    const { id = "" } = pass.status;
    const look = about === undefined ? await see(work, id) : await seeAnew(work, { id, what: about });
    noteSync(work.context, pass);
    const waitMs = await attempt(
      `Cannot tell whether ${pass.resource.noun} ${id} is gone`,
      () => waitForProof(work, look),
    );
    if (waitMs !== undefined) return after(waitMs);
    const seen = look === "given-away" ? "absent" : look;
    if (pass.resource.once !== undefined) return await followOnce(work, seen);
    if (ownershipOf(pass.object) === "api") return await this.#follow(work, seen);
    const decided = seen === "listed" && work.onRow !== undefined ? work.onRow : decide(work, seen);
    if (decided.action === "recreate") return await this.#recreate(work);
    if (about === undefined && (looksFirst(work, { decided, begun }) || plansFirst(work, { decided, seen, begun }))) {
      return await this.#reconcileBound(work, attemptOf(pass, decided));
    }
    const preview = (screen: Screen) => fillParts(work, { fillings: this.#fillings, seen, begun, screen });
    const judged = await judge(work, { decided, seen, preview });
    if (judged.waiting !== undefined) return await this.#waitFor(work, judged.waiting);
    // Not at once: "does not exist" may be about something that the manifest names, and then it would never end.
    if (!judged.leavesDrift && !await carryOut(work, decided, seen)) return after(this.#context.timings.missMs);
    await fillParts(work, { fillings: this.#fillings, seen, begun, ...judged });
    if (judged.hasMoved) return after(this.#context.timings.missMs);
    settlePlan(this.#context, pass);
    return await this.#finish(work, seen, judged);
  }

  /** Shows what became of the resource, and starts the run that the manifest requests. */
  async #finish(work: Work, seen: Seen, { drift }: Judgement): Promise<Next> {
    const { pass } = work;
    const extra = pass.status.baseline?.extra;
    const besides = extra === undefined ? "" : `; besides, it has ${notNamed(extra)}`;
    pass.setReady(
      drift.length === 0 ? `${pass.externalMatches} the manifest${besides}` : `${pass.externalLabel} drifted`,
    );
    tellDrift(this.#context, pass, driftText(drift));
    this.#showFailure(pass);
    const next = sooner(await this.#runs(work), await showState(work));
    this.#requestBaseline(pass);
    // Also if the next step fails until the next resync.
    if (next !== "done") this.#context.state.enqueueAfter(pass.key, next.afterMs);
    if (drift.length === 0) refuseStanding(work, seen);
    return next;
  }

  /** Shows a plan that waits for approval, and the state of the resource meanwhile. */
  async #waitFor(work: Work, waiting: Waiting): Promise<Next> {
    const { pass, here, managed: { values } } = work;
    const { id } = pass.status;
    let next: Next = "done";
    if (id !== undefined && waiting.cause !== "manifest" && pass.status.plan?.action === "update") {
      pass.setReady(`${pass.externalLabel} has drifted, or lacks a new value of a ${values?.kind ?? "Secret"}`);
      next = await showState(work);
    }
    tellWaiting(pass, waiting);
    noteSync(work.context, pass);
    if (id !== undefined) {
      showRuns(pass, here.runs?.newest(id));
      this.#requestBaseline(pass);
    }
    return next;
  }

  /** Reports that sweeps fail: the applied state probably holds, but cannot be checked. */
  #showFailure(pass: Pass): void {
    const { failure } = this.#context.state.in(pass.place).sweeper;
    if (failure === undefined) return;
    const told = outcome(failure, `Cannot see what became of ${pass.label}`);
    if (told.kind !== "silent") {
      const message = namingSecret(told.message, this.#context.connections.of(pass.place));
      pass.set({ type: "Synced", status: "False", reason: told.reason, message });
    }
  }

  async #recreate(work: Work): Promise<Next> {
    const { pass, here } = work;
    const { id = "" } = pass.status;
    refuseToLoseData(pass);
    if (leavesGone(work)) return "done";
    if (pass.resource.external.create === undefined) throw holderMissing(pass.resource, id);
    here.observations.drop(id);
    if (!await bindToSuccessor(work)) {
      const waiting = await judgeCreate(work, "recreate");
      if (waiting !== undefined) return await this.#waitFor(work, waiting);
      await createOnce(work, "recreate");
    }
    return await this.#reconcileBound(work);
  }

  async #follow(work: Work, seen: Seen): Promise<Next> {
    const { pass } = work;
    if (seen === "absent") {
      pass.log.info(`Deleting ${pass.resource.kind} ${pass.key}: ${pass.resource.noun} ${pass.status.id} is gone`);
      await pass.deleteObject();
      pass.abandon();
      return "done";
    }
    if (typeof seen !== "string") await followDatabricks(work, seen);
    this.#showFailure(pass);
    return sooner(await this.#runs(work), await showState(work));
  }

  /**
   * Shows the newest run, and starts the one that `spec.run` requests. A start that is refused for now is tried again.
   */
  async #runs(work: Work): Promise<Next> {
    const { pass, managed, here } = work;
    const { id = "" } = pass.status;
    const newest = here.runs?.newest(id);
    showRuns(pass, newest);
    // Nothing is written, so nothing is run.
    if (writesNothing(work)) return await showRequested(work, newest);
    const step = await requestRun(pass, managed, { id, retries: this.#runRetries });
    const shown = await showRequested(work, newest);
    if (step === "started") {
      here.runs?.started(id, pass.status.run_request?.run_id ?? "");
      here.pollRuns();
    }
    return sooner(typeof step === "number" ? after(step) : "done", shown);
  }

  #requestBaseline(pass: Pass): void {
    const { sweeper } = this.#context.state.in(pass.place);
    if (needsBaseline(pass) && !sweeper.awaitsBaseline(pass.key)) {
      sweeper.requestBaseline(pass.key, pass.status.id ?? "");
    }
  }
}
