/**
 * Finds the issuer of a server's certificate that is not trusted, for the error message.
 *
 * The runtime reports only `UnknownIssuer`. In TLS 1.2 a server sends its certificates unencrypted (RFC 5246, 7.4.2),
 * before it has seen anything of a request: so this begins a handshake, reads up to there, and breaks it off.
 *
 * Caveat: there is no answer from a server that speaks TLS 1.3 only, or that is reachable only through a proxy.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";

/** The time limit of the handshake (ms). */
const PATIENCE = 5000;
/** The longest chain of certificates that is read (bytes). */
const MAX_ANSWER = 64 * 1024;

/** Types of TLS records and handshake messages (RFC 5246, 6.2.1 and 7.4). */
const HANDSHAKE = 22;
const CERTIFICATE = 11;

/** These suites and groups are common to all TLS 1.2 servers of today: ECDHE with AES-GCM or ChaCha20. */
const SUITES = [0xc02b, 0xc02c, 0xcca9, 0xc02f, 0xc030, 0xcca8];
const GROUPS = [0x001d, 0x0017, 0x0018];
const SIGNATURES = [0x0403, 0x0503, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601];

/** The issuer of the last certificate that a server sends, as a distinguished name; `undefined` if it sends none. */
export async function issuerOf(url: string): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  try {
    const connection = await Deno.connect({ hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 443) });
    const timer = setTimeout(() => connection.close(), PATIENCE);
    try {
      await connection.write(clientHello(hostname));
      const chain = await readChain(connection);
      const last = chain.at(-1);
      return last && nameOf(new X509Certificate(last).issuer);
    } finally {
      clearTimeout(timer);
      closeQuietly(connection);
    }
  } catch {
    // The error message then lacks the issuer.
    return undefined;
  }
}

/** A name that the server chose, on one line. */
function nameOf(issuer: string): string {
  // deno-lint-ignore no-control-regex -- a server may put anything into a name
  return issuer.replace(/[\x00-\x1f\x7f]+/g, ", ").slice(0, 200);
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // The time limit has closed the connection.
  }
}

/** The first message of a client (RFC 5246, 7.4.1.2). */
function clientHello(hostname: string): Uint8Array<ArrayBuffer> {
  const extensions = [
    ...isName(hostname) ? [extension(0, sized(2, [0, ...sized(2, [...Buffer.from(hostname)])]))] : [],
    extension(10, sized(2, words(GROUPS))),
    extension(11, [1, 0]),
    extension(13, sized(2, words(SIGNATURES))),
  ].flat();
  const random = [...crypto.getRandomValues(new Uint8Array(32))];
  const body = [3, 3, ...random, 0, ...sized(2, words(SUITES)), 1, 0, ...sized(2, extensions)];
  return new Uint8Array([HANDSHAKE, 3, 1, ...sized(2, [1, ...sized(3, body)])]);
}

/** Addresses are not sent as server names (RFC 6066, 3). */
function isName(hostname: string): boolean {
  return !/^\[|^[\d.]+$/.test(hostname);
}

function extension(type: number, data: number[]): number[] {
  return [...words([type]), ...sized(2, data)];
}

function words(values: readonly number[]): number[] {
  return values.flatMap((value) => [value >> 8, value & 255]);
}

/** Bytes after their length, which takes `width` bytes itself. */
function sized(width: number, bytes: number[]): number[] {
  const { length } = bytes;
  return [...Array.from({ length: width }, (_, index) => (length >> (8 * (width - 1 - index))) & 255), ...bytes];
}

/** Reads the server's messages until the certificates have arrived. */
async function readChain(connection: Deno.Conn): Promise<Uint8Array[]> {
  let received = Buffer.alloc(0);
  const chunk = new Uint8Array(16 * 1024);
  while (received.length < MAX_ANSWER) {
    const size = await connection.read(chunk);
    if (size === null) return [];
    received = Buffer.concat([received, chunk.subarray(0, size)]);
    const chain = chainIn(messagesIn(received));
    if (chain !== undefined) return chain;
  }
  return [];
}

/** The content of all complete handshake records; a message may span several of them. */
function messagesIn(received: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 5 <= received.length;) {
    const end = at + 5 + received.readUInt16BE(at + 3);
    if (received[at] !== HANDSHAKE || end > received.length) break;
    parts.push(received.subarray(at + 5, end));
    at = end;
  }
  return Buffer.concat(parts);
}

/** The certificates, once their message is complete. */
function chainIn(messages: Buffer): Uint8Array[] | undefined {
  for (let at = 0; at + 4 <= messages.length;) {
    const end = at + 4 + messages.readUIntBE(at + 1, 3);
    if (end > messages.length) return undefined;
    if (messages[at] === CERTIFICATE) return certificatesIn(messages.subarray(at + 7, end));
    at = end;
  }
}

function certificatesIn(list: Buffer): Uint8Array[] {
  const certificates: Uint8Array[] = [];
  for (let at = 0; at + 3 <= list.length;) {
    const end = at + 3 + list.readUIntBE(at, 3);
    certificates.push(list.subarray(at + 3, end));
    at = end;
  }
  return certificates;
}
