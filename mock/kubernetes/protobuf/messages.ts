/** The protobuf messages that are read and written, from the .proto files that Kubernetes publishes. @module */
import protobuf from "protobufjs";
import messages from "./messages.json" with { type: "json" };

const root = new protobuf.Root();
for (const [name, message] of Object.entries(messages as Record<string, protobuf.IType>)) {
  const path = name.split(".");
  const last = path.pop()!;
  root.define(path).add(protobuf.Type.fromJSON(last, { edition: "proto2", ...message }));
}
root.resolveAll();

/** A message by its full name; `undefined` if there is none. */
export function messageOf(name: string): protobuf.Type | undefined {
  return Object.hasOwn(messages, name) ? root.lookupType(name) : undefined;
}
