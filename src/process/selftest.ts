/**
 * `selftest`: attempts everything that the binary must not be able to do, and prints the results. Tests and auditors
 * use it to see that a given binary is locked, rather than that somebody meant to lock it.
 *
 * An attempt that is not refused does no harm: the program is `true`, the file is removed again, and nothing is sent to
 * an address.
 *
 * @module
 */
import { readMountedOnly } from "./permissions.ts";

/** The time limit of an attempt to connect (ms). */
const PATIENCE = 1000;

/** The address of code that does not exist. In pieces, since bundlers follow addresses that they can read. */
const REMOTE = ["https:", "", "127.0.0.1:9", "code.js"];

/** An environment variable that always exists, and that the operator does not need. */
const VARIABLE = "PATH";

/** An attempt. */
interface Attempt {
  readonly what: string;
  perform(): unknown;
}

const attempts: readonly Attempt[] = [
  { what: "run a program", perform: () => new Deno.Command("/bin/true").output() },
  { what: "load a native library", perform: () => Deno.dlopen("libc.so.6", {}).close() },
  { what: "write a file", perform: writeFile },
  { what: "ask for the host's name", perform: () => Deno.hostname() },
  { what: "read another environment variable", perform: () => Deno.env.get(VARIABLE) },
  { what: "list the environment variables", perform: () => Deno.env.toObject() },
  { what: "read the environment of the process", perform: () => Deno.readTextFile("/proc/self/environ") },
  { what: "import code from the network", perform: () => import(REMOTE.join("/")) },
  { what: "connect to a link-local address", perform: () => connect("169.254.1.1") },
  { what: "connect to one that is written as IPv6", perform: () => connect("fd00:ec2::254") },
  {
    what: "read other files than the mounted credentials, once connected in a pod",
    perform: async () => {
      await readMountedOnly();
      await Deno.readTextFile("/etc/passwd");
    },
  },
];

/** The result of one attempt. */
export interface Finding {
  readonly what: string;
  readonly isRefused: boolean;
}

/**
 * Makes every attempt, one after the other. Only a refusal by the runtime counts: any other failure might not occur
 * elsewhere.
 */
export async function findOut(): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { what, perform } of attempts) {
    findings.push({ what, isRefused: await isRefused(perform) });
  }
  return findings;
}

/** Prints the findings and returns the exit code: 1 if anything is not refused. */
export async function selftest(print: (line: string) => void): Promise<number> {
  const findings = await findOut();
  for (const { what, isRefused } of findings) print(`${isRefused ? "refused" : "ALLOWED"}  ${what}`);
  return findings.every(({ isRefused }) => isRefused) ? 0 : 1;
}

async function isRefused(perform: () => unknown): Promise<boolean> {
  try {
    await perform();
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return true;
    // The runtime's code for every failed import; "Import … failed" means that it was attempted.
    const { code, message } = error as { code?: string; message: string };
    return code === "ERR_MODULE_NOT_FOUND" && !/^Import .* failed/.test(message);
  }
}

async function writeFile(): Promise<void> {
  const path = `/tmp/databricks-kube-operator-${crypto.randomUUID()}`;
  await Deno.writeTextFile(path, "");
  await Deno.remove(path);
}

async function connect(hostname: string): Promise<void> {
  const connection = await Deno.connect(
    { hostname, port: 9, signal: AbortSignal.timeout(PATIENCE) } as Deno.ConnectOptions,
  );
  connection.close();
}
