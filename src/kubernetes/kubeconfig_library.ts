/**
 * The only part of `@kubernetes/client-node` in use. It is imported by name, so that a bundle omits the rest.
 *
 * @module
 */
export { KubeConfig } from "@kubernetes/client-node";
