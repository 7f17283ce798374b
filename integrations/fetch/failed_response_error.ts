import { nameErrors } from "../../src/error_kind.ts";
import { SwitchgearError } from "../../src/errors.ts";

/**
 * An attempt was answered with a response that is a failure. Only the retry of a protected fetch sees
 * it, its policy and its hooks: the last attempt's response reaches the caller as a response.
 */
export class FailedResponseError extends SwitchgearError {
  /** Which kind of error it is. */
  declare readonly code: "HTTP_FAILURE";
  /** The response; its body is cancelled once another attempt begins. */
  readonly response: Response;

  /** Creates the error for a response. */
  constructor(response: Response) {
    super("HTTP_FAILURE", `The server answered with status ${response.status}`);
    this.response = response;
  }

  /** The response's status. */
  get status(): number {
    return this.response.status;
  }

  static {
    nameErrors(this, { name: "FailedResponseError", code: "HTTP_FAILURE" });
  }
}
