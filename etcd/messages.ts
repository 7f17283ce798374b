import type { KeyRange } from "./key_range.ts";
import type { EtcdConnection, Message } from "./transport.ts";

/** What every answer says of who gave it. */
export interface EtcdHeader {
  /** Of the cluster, a 64-bit number as text. */
  readonly clusterId: string;
  /** Of the member, likewise. */
  readonly memberId: string;
  /** Of the whole store. */
  readonly revision: number;
}

/** A key with what stands there. */
export interface EtcdKeyValue {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** The revision that wrote it. */
  readonly modRevision: number;
}

/** A range of keys, as asked for. */
export interface RangeRequest extends KeyRange {
  /** How many keys at most. @default all */
  readonly limit?: number;
  /** As of this revision. @default now */
  readonly revision?: number;
  /** Leaves the values out, and puts the newest modification first. @default false */
  readonly newestKeyOnly?: boolean;
}

/** A range of keys, as answered. */
export interface RangeResult {
  readonly header: EtcdHeader;
  readonly kvs: readonly EtcdKeyValue[];
  /** Whether the limit left keys out. */
  readonly more: boolean;
  /** How many keys there are in the range, the limit aside. */
  readonly count: number;
}

/** One operation of a transaction. */
export type TxnOperation =
  | { readonly kind: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: "delete"; readonly key: Uint8Array }
  | { readonly kind: "get"; readonly key: Uint8Array };

/** A transaction that is done only if `key` is still at `modRevision` (0: absent). */
export interface TxnRequest {
  readonly key: Uint8Array;
  readonly modRevision: number;
  readonly success: readonly TxnOperation[];
  readonly failure: readonly TxnOperation[];
}

/** How a transaction went. */
export interface TxnResult {
  readonly header: EtcdHeader;
  /** Whether the comparison held. */
  readonly succeeded: boolean;
  /** What each `get` found, in order. */
  readonly found: readonly (EtcdKeyValue | undefined)[];
}

/** A change to a key. */
export interface EtcdEvent extends EtcdKeyValue {
  /** Whether the key is gone; it has no value then. */
  readonly isDelete: boolean;
}

/** A frame of a watch stream. */
export interface WatchFrame {
  readonly header: EtcdHeader;
  /** Whether the watch now stands. */
  readonly isCreated: boolean;
  /** Why the watch is over; `undefined`: it is not. */
  readonly cancelReason: string | undefined;
  /** The oldest revision that can be watched from; 0 where that is no matter. */
  readonly compactRevision: number;
  readonly events: readonly EtcdEvent[];
}

type Codec = Pick<EtcdConnection, "encodeBytes" | "decodeBytes">;

const DESCENDING = 2;
const BY_MOD_REVISION = 3;
const COMPARE_MOD_REVISION = 2;

/** The message of a range request. */
export function rangeMessage(request: RangeRequest, codec: Codec): Message {
  const { limit, revision, newestKeyOnly } = request;
  return {
    ...keysMessage(request, codec),
    ...(limit !== undefined && { limit: String(limit) }),
    ...(revision !== undefined && { revision: String(revision) }),
    ...(newestKeyOnly && {
      limit: "1",
      keys_only: true,
      sort_order: DESCENDING,
      sort_target: BY_MOD_REVISION,
    }),
  };
}

/** The message that creates a watch of `range`, from now or from a revision on. */
export function watchMessage(range: KeyRange, codec: Codec, startRevision?: number): Message {
  return {
    ...keysMessage(range, codec),
    ...(startRevision !== undefined && { start_revision: String(startRevision) }),
  };
}

/** The message of a transaction. */
export function txnMessage(request: TxnRequest, codec: Codec): Message {
  const operation = (op: TxnOperation): Message => {
    const key = codec.encodeBytes(op.key);
    if (op.kind === "put") return { request_put: { key, value: codec.encodeBytes(op.value) } };
    return op.kind === "delete" ? { request_delete_range: { key } } : { request_range: { key } };
  };
  return {
    compare: [{
      result: 0,
      target: COMPARE_MOD_REVISION,
      key: codec.encodeBytes(request.key),
      mod_revision: String(request.modRevision),
    }],
    success: request.success.map(operation),
    failure: request.failure.map(operation),
  };
}

/** What an answer to a range request says. */
export function readRange(message: Message, codec: Codec): RangeResult {
  return {
    header: readHeader(message),
    kvs: list(message["kvs"]).map((kv) => readKeyValue(kv, codec)),
    more: message["more"] === true,
    count: number(message["count"]),
  };
}

/** What an answer to a transaction says. */
export function readTxn(message: Message, codec: Codec): TxnResult {
  const ranges = list(message["responses"]).filter((response) =>
    isMessage(response["response_range"])
  );
  return {
    header: readHeader(message),
    succeeded: message["succeeded"] === true,
    found: ranges.map((response) => {
      const [kv] = list(fields(response["response_range"])["kvs"]);
      return kv && readKeyValue(kv, codec);
    }),
  };
}

/** What a frame of a watch says. */
export function readWatchFrame(message: Message, codec: Codec): WatchFrame {
  const isCancelled = message["canceled"] === true;
  return {
    header: readHeader(message),
    isCreated: message["created"] === true && !isCancelled,
    cancelReason: isCancelled ? text(message["cancel_reason"]) : undefined,
    compactRevision: number(message["compact_revision"]),
    events: list(message["events"]).map((event) => ({
      ...readKeyValue(fields(event["kv"]), codec),
      isDelete: text(event["type"]).toUpperCase() === "DELETE",
    })),
  };
}

/** The header of an answer. */
export function readHeader(message: Message): EtcdHeader {
  const header = fields(message["header"]);
  return {
    clusterId: text(header["cluster_id"]),
    memberId: text(header["member_id"]),
    revision: number(header["revision"]),
  };
}

function keysMessage({ key, end }: KeyRange, codec: Codec): Message {
  return {
    key: codec.encodeBytes(key),
    ...(end !== undefined && { range_end: codec.encodeBytes(end) }),
  };
}

function readKeyValue(kv: Message, codec: Codec): EtcdKeyValue {
  return {
    key: codec.decodeBytes(kv["key"]),
    value: codec.decodeBytes(kv["value"]),
    modRevision: number(kv["mod_revision"]),
  };
}

/** Whether `value` has fields. */
export function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fields of `value`; none where it is left out, as JSON does with what is empty. */
export function fields(value: unknown): Message {
  return isMessage(value) ? value : {};
}

/** The messages of a repeated field. */
export function list(value: unknown): readonly Message[] {
  return Array.isArray(value) ? value.filter(isMessage) : [];
}

/** A text, or a 64-bit number as text; empty where it is left out. */
export function text(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}

function number(value: unknown): number {
  return Number(value ?? 0);
}
