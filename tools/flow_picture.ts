/**
 * The README's picture: the flow between Git, Kubernetes, the operator and Databricks. One drawing, in a light and a
 * dark theme.
 *
 * @module
 */

/** The colours of a picture. */
interface Colours {
  readonly ground: string;
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly box: string;
  readonly own: string;
  readonly ownText: string;
}

const THEMES: Readonly<Record<"light" | "dark", Colours>> = {
  light: {
    ground: "#ffffff",
    text: "#1f2328",
    quiet: "#59636e",
    line: "#59636e",
    box: "#f3f5f7",
    own: "#0b5cad",
    ownText: "#ffffff",
  },
  dark: {
    ground: "#0d1117",
    text: "#e6edf3",
    quiet: "#9ea7b3",
    line: "#9ea7b3",
    box: "#1b222c",
    own: "#1f6feb",
    ownText: "#ffffff",
  },
};

const WIDTH = 1000;
const HEIGHT = 340;

/** A box with a title and lines of text. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly lines: readonly string[];
  readonly isOwn?: boolean;
}

/** An arrow from one point to another, with a label. */
interface Arrow {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly words: readonly string[];
  /** The position of the label, relative to the middle of the arrow. */
  readonly at?: readonly [dx: number, dy: number];
  readonly isDashed?: boolean;
}

const BOXES: readonly Box[] = [
  { x: 20, y: 120, width: 150, height: 110, title: "Git", lines: ["manifests,", "reviewed"] },
  {
    x: 270,
    y: 90,
    width: 180,
    height: 170,
    title: "Kubernetes",
    lines: ["objects with status", "Secrets", "settings", "Events"],
  },
  {
    x: 545,
    y: 90,
    width: 165,
    height: 170,
    title: "Operator",
    lines: ["compares", "plans", "writes differences", "follows runs"],
    isOwn: true,
  },
  {
    x: 810,
    y: 90,
    width: 170,
    height: 170,
    title: "Databricks",
    lines: ["jobs, pipelines", "compute, SQL", "Unity Catalog", "secrets, permissions"],
  },
];

const ARROWS: readonly Arrow[] = [
  { from: [170, 175], to: [270, 175], words: ["Argo CD, Flux,", "kubectl apply"], at: [-2, -26] },
  { from: [450, 145], to: [545, 145], words: ["watch"], at: [0, -8] },
  { from: [545, 205], to: [450, 205], words: ["status,", "Events"], at: [0, 18] },
  { from: [710, 145], to: [810, 145], words: ["create, edit,", "revert, run"], at: [0, -26] },
  { from: [810, 205], to: [710, 205], words: ["lists,", "runs"], at: [0, 18] },
  { from: [895, 308], to: [895, 260], words: ["somebody's edit"], at: [0, 42], isDashed: true },
  { from: [95, 308], to: [95, 230], words: ["a pull request"], at: [0, 57], isDashed: true },
  { from: [360, 260], to: [360, 308], words: ["kubectl get and wait, a page, alerts"], at: [0, 42], isDashed: true },
  { from: [627, 90], to: [627, 52], words: [], isDashed: true },
];

/** The files of the picture. */
export function flowPictures(): [path: string, text: string][] {
  return (["light", "dark"] as const).map((theme) => [`docs/images/flow-${theme}.svg`, flowPicture(theme)]);
}

/**
 * Draws the picture in a theme, as SVG.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { flowPicture } from "./flow_picture.ts";
 *
 * assert.match(flowPicture("dark"), /^<svg [^>]*viewBox[\s\S]*>Operator<[\s\S]*<\/svg>\n$/);
 * ```
 */
export function flowPicture(theme: "light" | "dark"): string {
  const colours = THEMES[theme];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title desc" ` +
    `font-family="system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif" font-size="14">`,
    `<title id="title">How manifests become Databricks resources</title>`,
    `<desc id="desc">Manifests go from Git to Kubernetes. The operator watches them, compares them with the resources in ` +
    `Databricks, writes the differences, and reports status and Events in Kubernetes.</desc>`,
    `<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">` +
    `<path d="M0 0 8 4 0 8z" fill="${colours.line}"/></marker></defs>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="${colours.ground}"/>`,
    ...ARROWS.map((arrow) => arrowText(arrow, colours)),
    ...BOXES.map((box) => boxText(box, colours)),
    `<text x="627" y="40" text-anchor="middle" fill="${colours.quiet}">plan: the effects of a pull request</text>`,
    "</svg>",
    "",
  ].join("\n");
}

function boxText({ x, y, width, height, title, lines, isOwn = false }: Box, colours: Colours): string {
  const [fill, text, quiet] = isOwn
    ? [colours.own, colours.ownText, colours.ownText]
    : [colours.box, colours.text, colours.quiet];
  const middle = x + width / 2;
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10" fill="${fill}" stroke="${colours.line}"/>`,
    `<text x="${middle}" y="${
      y + 34
    }" text-anchor="middle" font-size="18" font-weight="600" fill="${text}">${title}</text>`,
    ...lines.map((line, index) =>
      `<text x="${middle}" y="${y + 64 + index * 22}" text-anchor="middle" fill="${quiet}">${line}</text>`
    ),
  ].join("\n");
}

function arrowText({ from, to, words, at = [0, 0], isDashed = false }: Arrow, colours: Colours): string {
  const [x, y] = [(from[0] + to[0]) / 2 + at[0], (from[1] + to[1]) / 2 + at[1]];
  return [
    `<line x1="${from[0]}" y1="${from[1]}" x2="${to[0]}" y2="${to[1]}" stroke="${colours.line}" stroke-width="1.5"` +
    `${isDashed ? ' stroke-dasharray="4 4"' : ""} marker-end="url(#tip)"/>`,
    ...words.map((line, index) =>
      `<text x="${x}" y="${y + index * 17}" text-anchor="middle" font-size="13" fill="${colours.quiet}">${line}</text>`
    ),
  ].join("\n");
}
