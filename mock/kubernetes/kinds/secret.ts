/** Secrets. @module */
import { encodeBase64 } from "../../base64.ts";
import { field } from "../field_errors.ts";
import { asObject } from "../values.ts";
import { builtin } from "./builtin.ts";
import { checkData, countKeys } from "./config_map.ts";

export const secrets = builtin({
  kind: "Secret",
  schema: "io.k8s.api.core.v1.Secret",
  selectable: { type: ["type"] },
  columns: [
    { name: "Type", type: "string", description: "What kind of secret it is.", cell: ({ type }) => type },
    { name: "Data", type: "string", description: "How many keys it has.", cell: countKeys },
  ],
  rules: {
    prepare(secret) {
      const { stringData, ...rest } = secret;
      secret.type = rest.type ?? "Opaque";
      if (stringData === undefined) return;
      const encoded = Object.entries(asObject(stringData)).map(([key, text]) => [key, encodeBase64(String(text))]);
      secret.data = { ...rest.data, ...Object.fromEntries(encoded) };
      delete secret.stringData;
    },
    check: (secret, old) => [
      ...old && old.type !== secret.type ? [field.invalid("type", secret.type, "field is immutable")] : [],
      ...checkData(secret, old, ["data"]),
    ],
  },
});
