/**
 * What the server does with a request: `answer`s it; `fail`s with status 503;
 * `hang`s; `reset`s the connection before the headers, or `cut`s it off in the
 * middle of the body; is `slow` with its headers; lets its body `trickle`.
 */
export const SERVER_FAULTS = [
  "answer",
  "fail",
  "hang",
  "reset",
  "cut",
  "slow",
  "trickle",
] as const;

/** One of {@linkcode SERVER_FAULTS}. */
export type ServerFault = (typeof SERVER_FAULTS)[number];

/** The body of every answer. */
export const BODY: string = "switchgear ".repeat(40);

/** Whether a word names what the server can do. */
export function isServerFault(word: string): word is ServerFault {
  return SERVER_FAULTS.some((fault) => fault === word);
}
