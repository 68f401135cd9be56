import type { components } from "./schema";

/** Why there is no answer, as far as a page has to tell it apart. */
export type Cause = "unreachable" | "unauthorized" | "not_found" | "refused";

/** A request without an answer, or with a refusal (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly cause: Cause,
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
  ) {
    super(detail || title);
  }

  /** The page that explains the code, on the server itself. */
  get help(): string | null {
    return this.code ? `/docs/codes/${this.code}` : null;
  }

  static unreachable(error: unknown): Problem {
    return new Problem("unreachable", 0, "", "", error instanceof Error ? error.message : String(error));
  }

  static refused(status: number, body: unknown): Problem {
    const problem = (typeof body === "object" && body !== null ? body : {}) as Partial<components["schemas"]["Problem"]>;
    const cause = status === 401 ? "unauthorized" : status === 404 ? "not_found" : status >= 502 && !problem.code ? "unreachable" : "refused";
    return new Problem(cause, status, problem.code ?? "", problem.title ?? `HTTP ${status}`, problem.detail ?? "");
  }
}

export const asProblem = (error: unknown): Problem => (error instanceof Problem ? error : Problem.unreachable(error));
