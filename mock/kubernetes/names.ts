/**
 * Checks the format of names, labels and finalizers, with the API server's messages.
 *
 * @module
 */
import { field, type FieldError } from "./field_errors.ts";
import { asObject } from "./values.ts";

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const NAME_PART = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const VALUE = `(${NAME_PART})?`;

const ALPHANUMERIC = "must start and end with an alphanumeric character";
const HINTS = {
  label: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and ${ALPHANUMERIC} ` +
    `(e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`,
  subdomain: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and ` +
    `${ALPHANUMERIC} (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`,
  name: `name part must consist of alphanumeric characters, '-', '_' or '.', and ${ALPHANUMERIC} ` +
    `(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${NAME_PART}')`,
  value: `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and ` +
    `${ALPHANUMERIC} (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${VALUE}')`,
};

const whole = (pattern: string) => new RegExp(`^${pattern}$`);
const [isLabel, isSubdomain, isNamePart, isValue] = [LABEL, SUBDOMAIN, NAME_PART, VALUE].map(whole);

/** Returns the error in a name; `undefined` if it is valid. */
export function nameProblem(name: string, hasLabelName: boolean): string | undefined {
  if (hasLabelName) {
    if (name.includes(".")) return "must not contain dots";
    return !isLabel!.test(name) ? HINTS.label : name.length > 63 ? "must be no more than 63 bytes" : undefined;
  }
  return !isSubdomain!.test(name) ? HINTS.subdomain : name.length > 253 ? "must be no more than 253 bytes" : undefined;
}

/** Returns the error in a qualified name, such as a label's key: `example.com/name`. */
function qualifiedProblem(name: string): string | undefined {
  const [last = "", prefix, ...more] = name.split("/").reverse();
  if (more.length > 0 || prefix !== undefined && !isSubdomain!.test(prefix)) return `prefix part ${HINTS.subdomain}`;
  return !isNamePart!.test(last)
    ? HINTS.name
    : last.length > 63
    ? "name part must be no more than 63 bytes"
    : undefined;
}

const MAX_ANNOTATIONS = 256 * 1024;

/** Checks labels, annotations and finalizers. */
export function checkQualifiedNames(metadata: Record<string, unknown>): FieldError[] {
  const { labels, annotations, finalizers } = metadata;
  const bytes = Object.entries(asObject(annotations)).reduce(
    (sum, [key, value]) => sum + key.length + `${value}`.length,
    0,
  );
  return [
    ...Object.entries(asObject(labels)).flatMap(([key, value]) => checkLabel(key, String(value))),
    ...Object.keys(asObject(annotations)).flatMap((key) =>
      problems("metadata.annotations", key, qualifiedProblem(key.toLowerCase()))
    ),
    ...bytes > MAX_ANNOTATIONS ? [field.tooLong("metadata.annotations", MAX_ANNOTATIONS)] : [],
    ...(Array.isArray(finalizers) ? finalizers : []).flatMap((name) =>
      problems("metadata.finalizers", name, qualifiedProblem(String(name)))
    ),
  ];
}

function checkLabel(key: string, value: string): FieldError[] {
  const problem = !isValue!.test(value) ? HINTS.value : value.length > 63 ? "must be no more than 63 bytes" : undefined;
  return [...problems("metadata.labels", key, qualifiedProblem(key)), ...problems("metadata.labels", value, problem)];
}

function problems(path: string, value: unknown, problem: string | undefined): FieldError[] {
  return problem === undefined ? [] : [field.invalid(path, value, problem)];
}
