/**
 * `selftest`: tries everything that the binary must not be able to do, and says what came of it. It is how tests and
 * auditors see that a given binary is locked, rather than that somebody meant to lock it.
 *
 * Where an attempt is not refused it does no harm: the program is `true`, the file is taken away again, and nothing is
 * sent to an address.
 *
 * @module
 */
import { readMountedOnly } from "./permissions.ts";

/** The time limit of an attempt to connect (ms). */
const PATIENCE = 1000;

/** Code that is nowhere. In pieces, since bundlers follow the addresses that they can read. */
const REMOTE = ["https:", "", "127.0.0.1:9", "code.js"];

/** An environment variable that there always is, and that the operator has no use for. */
const VARIABLE = "PATH";

/** Something to try. */
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

/** Makes every attempt, one after the other. Only a refusal of the runtime's counts: what fails otherwise might work elsewhere. */
export async function findOut(): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { what, perform } of attempts) {
    findings.push({ what, isRefused: await isRefused(perform) });
  }
  return findings;
}

/** Prints the findings; gives the exit code, which is 1 when anything is not refused. */
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
    // The runtime's word for all that ends an import; "Import … failed" is one that was tried.
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
