import { Anchor, Button, Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { asProblem } from "../api/problem";
import { useText } from "../text";
import { Notice } from "./notice";
import { useNow } from "./now";

interface Props<T> {
  query: UseQueryResult<T>;
  /** Room to keep while the first answer is awaited, in pixels, so that nothing jumps when it comes. */
  height?: number;
  children: (data: T) => ReactNode;
}

/**
 * What a query found; while it is awaited its room, and why there is nothing if there is nothing. What was found before
 * stays in place when the server cannot be reached, which the shell says; that a thing is gone is said here.
 */
export function Answer<T>({ query, height = 160, children }: Props<T>) {
  if (query.data !== undefined) {
    const cause = query.error ? asProblem(query.error).cause : null;
    const gone = cause === "not_found" || cause === "refused";
    return (
      <>
        {gone ? <Failed error={query.error} again={() => void query.refetch()} /> : null}
        {children(query.data)}
      </>
    );
  }
  if (query.error) return <Failed error={query.error} again={() => void query.refetch()} />;
  return <Waiting height={height} />;
}

/** Waits are short; a long one is said. */
function Waiting({ height }: { height: number }) {
  const { common } = useText();
  const [began] = useState(Date.now);
  const seconds = Math.floor((useNow() - began) / 1_000);
  return (
    <div aria-busy="true" style={{ minHeight: height }}>
      <span className="seen-by-readers">{common.loading}</span>
      {seconds >= 4 ? <p className="soft">{common.server.waiting(String(seconds))}</p> : null}
      <Skeleton height={Math.max(24, height)} radius="md" />
    </div>
  );
}

export function Failed({ error, again }: { error: unknown; again?: () => void }) {
  const { server } = useText().common;
  const problem = asProblem(error);
  const title = {
    unreachable: server.down,
    unauthorized: server.unauthorized,
    not_found: server.notFound,
    refused: problem.title || server.refused,
  }[problem.cause];
  return (
    <Notice
      kind={problem.cause === "not_found" ? "warn" : "bad"}
      title={title}
      action={
        again && problem.cause !== "not_found" ? (
          <Button size="xs" variant="default" onClick={again}>
            {server.again}
          </Button>
        ) : undefined
      }
    >
      {problem.cause === "unauthorized" ? server.unauthorizedMore : problem.detail}{" "}
      {problem.help && problem.cause === "refused" ? (
        <Anchor href={problem.help} target="_blank" underline="always" inherit>
          {server.help}
        </Anchor>
      ) : null}
    </Notice>
  );
}
