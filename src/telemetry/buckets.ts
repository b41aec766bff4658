/**
 * The buckets of histograms.
 *
 * @module
 */

/** Seconds, for durations of milliseconds as a rule and minutes at worst. */
export const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Seconds, for delays that should be close to zero. */
export const LAGS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
/** Seconds, for waits in a queue. */
export const WAITS = [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300];
