/**
 * The one part of `@kubernetes/client-node` that is used. It is imported by name, so that a bundle omits the rest.
 *
 * @module
 */
export { KubeConfig } from "@kubernetes/client-node";
