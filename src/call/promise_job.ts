const SETTLED = Promise.resolve();

/**
 * Runs `job` one microtask later, behind the jobs that are in the queue already,
 * as `queueMicrotask` does. But test tools fake `queueMicrotask`, and then run
 * nothing until the test advances their time; no tool fakes the jobs of promises.
 *
 * @param job What to run; it must not throw.
 */
export function queuePromiseJob(job: () => void): void {
  SETTLED.then(job);
}
