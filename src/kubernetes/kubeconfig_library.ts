/**
 * The one part of `@kubernetes/client-node` that is used. It is imported by name, so that a bundle leaves the rest out.
 *
 * @module
 */
export { KubeConfig } from "@kubernetes/client-node";
