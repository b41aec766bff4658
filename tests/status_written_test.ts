/**
 * The code writes every status field that all kinds share. For a kind's own fields, see tests/contract/status_test.ts.
 */
import assert from "node:assert/strict";
import * as z from "zod";
import { commonStatus, onceStatus, runStatus } from "../src/resource/status.ts";

/** Fields that are still read, but not written by any version after 0.1. */
const OLD = ["baseline"];

const reconcile = new URL("../src/reconcile/", import.meta.url);

async function* sources(folder: URL): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else if (name.endsWith(".ts") && !/_(test|fake)\.ts$/.test(name)) {
      yield await Deno.readTextFile(new URL(name, folder));
    }
  }
}

/** The names of a status's fields, including those of its nested records. */
function namesOf(fields: z.ZodRawShape): string[] {
  return Object.entries(fields).flatMap(([name, schema]) => [name, ...namesOf(shapeOf(schema))]);
}

function shapeOf(schema: unknown): z.ZodRawShape {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodReadonly) return shapeOf(schema.unwrap());
  if (schema instanceof z.ZodArray) return shapeOf(schema.element);
  if (schema instanceof z.ZodRecord) return shapeOf(schema.valueType);
  return schema instanceof z.ZodObject ? schema.shape : {};
}

/** The names that a source writes: `status.id = …`, `{ id: … }`, `{ id }`. */
function writtenIn(text: string): string[] {
  const written: string[] = [];
  const visitor: Deno.lint.LintVisitor = {
    AssignmentExpression({ left }) {
      if (left.type === "MemberExpression" && left.property.type === "Identifier") written.push(left.property.name);
    },
    ObjectExpression({ properties }) {
      for (const property of properties) {
        if (property.type === "Property" && property.key.type === "Identifier") written.push(property.key.name);
      }
    },
  };
  Deno.lint.runPlugin({ name: "status", rules: { fields: { create: () => visitor } } }, "source.ts", text);
  return written;
}

async function unwritten(fields: z.ZodRawShape): Promise<string[]> {
  const texts = await Array.fromAsync(sources(reconcile));
  const written = new Set(texts.flatMap(writtenIn));
  return namesOf(fields).filter((name) => !written.has(name) && !OLD.includes(name));
}

Deno.test("the reconciler writes each common status field, and each field of its records", async () => {
  assert.deepEqual(await unwritten({ ...commonStatus, ...runStatus, ...onceStatus }), []);
});

Deno.test("the check finds a status field, or a field of a record, that no code writes", async () => {
  const promised = {
    id: z.string(),
    number_in_job: z.int(),
    repair_of_it: z.object({ trigger_of_it: z.string() }).optional(),
  };
  assert.deepEqual(await unwritten(promised), ["number_in_job", "repair_of_it", "trigger_of_it"]);
});
