/** How many promise jobs make a turn where there are no messages: jsdom, as Jest sets it up, has none. */
const JOBS = 1_000;

let turn: Promise<void> | undefined;

/**
 * Resolves in the next turn of the event loop, when all promise jobs of this one
 * are done. By a message to oneself: test tools fake timers and immediates, and
 * then run nothing until the test advances their time; no tool fakes messages.
 *
 * @returns One promise for all who ask in the same turn.
 */
export function nextTurn(): Promise<void> {
  return turn ??= new Promise((resolve) => {
    const end = (): void => {
      turn = undefined;
      resolve();
    };
    if (typeof MessageChannel === "undefined") countJobs().then(end);
    else message(end);
  });
}

async function countJobs(): Promise<void> {
  for (let job = 0; job < JOBS; job++) await undefined;
}

/** Calls `arrived` when a message has. The channel is closed then: nothing is left open. */
function message(arrived: () => void): void {
  const { port1, port2 } = new MessageChannel();
  // Not `onmessage`, which Deno calls within the present turn once `node:worker_threads` is loaded.
  port1.addEventListener("message", () => {
    port1.close();
    port2.close();
    arrived();
  });
  port1.start();
  port2.postMessage(undefined);
}
