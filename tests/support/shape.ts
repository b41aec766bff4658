/**
 * Measures the length of files and functions, with Deno's own parser.
 *
 * {@link functionsOf} works in tests only: elsewhere there is no `Deno.lint`.
 *
 * @module
 */

/** A function, and the name by which a person finds it. */
export interface Measured {
  /** `main`, `#read`; for a test, its name; otherwise the text before it: `handlers.map(`. */
  readonly name: string;
  readonly lines: number;
}

/** Counts the lines of a file. */
export function lineCount(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

/** All functions of a file, including nested ones: declarations, methods, function expressions and arrow functions. */
export function functionsOf(path: string, text: string): Measured[] {
  const found: Measured[] = [];
  const note = (node: Deno.lint.Node) => {
    const holder = holderOf(node);
    const [start, end] = (isPart(holder) ? holder : node).range;
    found.push({ name: nameOf(node, holder, text), lines: lineCount(text.slice(start, end)) });
  };
  const visitor = { FunctionDeclaration: note, FunctionExpression: note, ArrowFunctionExpression: note };
  Deno.lint.runPlugin({ name: "shape", rules: { functions: { create: () => visitor } } }, path, text);
  return found;
}

/** Returns the node that names a function, if any: a method, a property, a variable, a call. */
function holderOf(node: Deno.lint.Node): Deno.lint.Node {
  return node.type === "FunctionDeclaration" ? node : (node as { parent: Deno.lint.Node }).parent;
}

/** True for a node that consists of the function alone; a call with a function as argument may be longer. */
function isPart(holder: Deno.lint.Node): boolean {
  return ["FunctionDeclaration", "MethodDefinition", "Property", "PropertyDefinition"].includes(holder.type);
}

function nameOf(node: Deno.lint.Node, holder: Deno.lint.Node, text: string): string {
  const textOf = ({ range: [start, end] }: Deno.lint.Node) => text.slice(start, end);
  switch (holder.type) {
    case "FunctionDeclaration":
    case "VariableDeclarator":
      return holder.id === null ? "default" : textOf(holder.id).split(":")[0] ?? "";
    case "MethodDefinition":
    case "Property":
    case "PropertyDefinition":
      return textOf(holder.key);
    case "CallExpression": {
      const [first] = holder.arguments;
      return first?.type === "Literal" ? String(first.value) : `${textOf(holder.callee)}(`;
    }
    default:
      return text.slice(holder.range[0], node.range[0]).split("\n").at(-1)?.trim() ?? "";
  }
}
