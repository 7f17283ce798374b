/** The status codes of gRPC that etcd answers with and that decide something here. */
export const STATUS = {
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  outOfRange: 11,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** Codes with which etcd says that it did not do what it was asked to, and never will. */
const REFUSALS: ReadonlySet<number> = new Set([
  STATUS.invalidArgument,
  STATUS.permissionDenied,
  STATUS.resourceExhausted,
  STATUS.failedPrecondition,
  STATUS.outOfRange,
  STATUS.unauthenticated,
]);

/** A call that etcd refused, or that got no answer. */
export class EtcdCallError extends Error {
  /** The status code of gRPC; 14 where the call did not get through. */
  readonly status: number;

  /** Creates the error for a call that ended with `status`. */
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }

  /** Whether the call certainly changed nothing and will not do so later. */
  get isRefusal(): boolean {
    return REFUSALS.has(this.status);
  }

  static {
    this.prototype.name = "EtcdCallError";
  }
}
