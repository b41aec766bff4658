/**
 * The library that renders the page: preact, and htm for its templates.
 *
 * @module
 */
// @ts-types="./library.d.ts"
import { html } from "htm/preact";
// @ts-types="./library.d.ts"
import { render } from "preact";
// @ts-types="./library.d.ts"
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

export { html, render, useEffect, useLayoutEffect, useMemo, useRef, useState };
export type { Children, Ref, VNode } from "./library.d.ts";
