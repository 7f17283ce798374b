/** Classes of error replies, by their names: ioredis and node-redis before 4, then node-redis. */
const REPLIES = new Set(["ReplyError", "ErrorReply", "SimpleError", "BlobError"]);

/**
 * First words of replies that say that the server cannot serve now: it loads its data, has become a
 * replica, has lost its cluster, its primary, its disk, its replicas or its memory, or runs a script.
 */
const FAILURE_REPLIES =
  /^-?(LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|MISCONF|NOREPLICAS|OOM|BUSY|TRYAGAIN|ERR max number of clients)\b/;

/**
 * Whether an error from a Redis client (ioredis, node-redis) is a failure of the cache. `false`: it
 * answered, as with `WRONGTYPE` or `NOSCRIPT`. Errors that are no replies, such as those of the
 * connection, are failures, and so are the replies by which a server says that it cannot serve.
 *
 * @example Usage
 * ```ts
 * import { redisFailure } from "@switchgear/breaker/guard";
 * import assert from "node:assert/strict";
 *
 * const reply = (text: string) => Object.assign(new Error(text), { name: "ReplyError" });
 * assert.equal(redisFailure(reply("WRONGTYPE Operation against a key")), false);
 * assert.equal(redisFailure(reply("LOADING Redis is loading the dataset in memory")), true);
 * assert.equal(redisFailure(new Error("Connection is closed.")), true);
 * ```
 *
 * @param error What a call failed with.
 * @returns Whether to count it as a failure.
 */
export function redisFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  const isReply = REPLIES.has(error.name) || REPLIES.has(error.constructor.name);
  return !isReply || FAILURE_REPLIES.test(error.message);
}
