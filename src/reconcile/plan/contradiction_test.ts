import assert from "node:assert/strict";
import { isContradicted } from "./contradiction.ts";
import { hashOf } from "./fields.ts";
import { rowHash } from "./plan.ts";
import { edited, observed, pending, rules, settled, withBaseline } from "./situations_fake.ts";

const paused = { ...observed, schedule: { tz: "UTC", pause_status: "PAUSED" } };
const { timeout_seconds: _omitted, ...less } = observed;

Deno.test("a row that equals the get does not contradict it", () => {
  assert.equal(isContradicted(settled({ row: observed })), false);
  assert.equal(isContradicted(settled({ observed: paused, row: paused })), false);
});

Deno.test("without a get, or without a row, nothing is contradicted", () => {
  assert.equal(isContradicted(settled({ observed: "unknown", row: paused })), false);
  assert.equal(isContradicted(settled()), false);
});

Deno.test("a row that has changed while the get has not is contradicted, also if it only lacks a field", () => {
  assert.equal(isContradicted(settled({ row: paused })), true);
  assert.equal(isContradicted(settled({ row: less })), true);
});

Deno.test("a row in the form that is already noted is not contradicted", () => {
  const listed = rowHash(settled(), less);
  assert.notEqual(listed, hashOf(observed));
  assert.equal(isContradicted(withBaseline({ listed }, { row: less })), false);
  assert.equal(isContradicted(withBaseline({ listed }, { row: paused })), true);
});

Deno.test("after a write, a row is contradicted by another value of the get, not by a field that it omits", () => {
  assert.equal(isContradicted(pending(observed, observed, {})), false);
  assert.equal(isContradicted({ ...pending(observed, observed), row: less }), false);
  assert.equal(isContradicted({ ...pending(observed, observed), row: paused }), true);
  assert.equal(isContradicted(withBaseline({}, { ...edited, row: less })), false);
  assert.equal(isContradicted(withBaseline({ repaired: ["schedule"] }, { row: less })), false);
});

Deno.test("a field that Databricks began to return for all resources contradicts nothing", () => {
  const row = { ...observed, budget: "x" };
  assert.equal(isContradicted(settled({ row, rules })), true);
  assert.equal(isContradicted(settled({ row, rules, isNew: (field) => field === "budget" })), false);
});
