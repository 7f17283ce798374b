import { BackendError } from "../../src/errors.ts";

/** The system's code of `error`, such as `EACCES`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

/** Whether `error` says that a file or folder does not exist. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}

/** What `error` says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The error of `backend` where `what`, such as `read policies from "./policies"`, could not be done. */
export function backendError(backend: string, what: string, cause: unknown): BackendError {
  if (cause instanceof BackendError) return cause;
  return new BackendError(backend, `Cannot ${what}: ${messageOf(cause)}`, { cause });
}
