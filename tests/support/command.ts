/**
 * Runs the program's commands in a test's world.
 *
 * @module
 */
import type { World } from "./world.ts";

/** The result of a program. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command from source, against the world's cluster and namespace. */
export async function command({ kubeconfig, namespace }: World, args: readonly string[]): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-qA", "--no-check", "src/main.ts", ...args, "--kubeconfig", kubeconfig],
      ...["--namespace", namespace],
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
}
