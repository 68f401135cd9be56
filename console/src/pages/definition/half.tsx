import { Facts } from "../../parts/facts";
import { durationMs } from "../../parts/format/duration";
import { Json } from "../../parts/json";
import { useText } from "../../text";
import { Link } from "@tanstack/react-router";
import type { Half, Retry } from "./plan";
import { Template } from "./template";
import css from "./definition.module.css";

interface Props {
  title: string;
  /** As the server sums it up. */
  told: { service: string; method: string; attempts_max?: number | null };
  /** As it is stored, where that is known. */
  half: Half | undefined;
}

const KNOWN = new Set(["service", "method", "path", "retry", "body", "query", "headers", "accept", "retry_on", "timeout_ms"]);

/** One half of a step: what is sent, and how often. */
export function HalfFacts({ title, told, half }: Props) {
  const { step } = useText().definitions;
  const list = (value: unknown) => (Array.isArray(value) && value.length ? value.join(", ") : null);
  const json = (name: string, value: unknown) => (value === undefined ? null : <Json value={value} label={`${title}: ${name}`} />);
  const more = Object.fromEntries(Object.entries(half ?? {}).filter(([name]) => !KNOWN.has(name)));
  const timeout = half?.timeout_ms;
  return (
    <section className={css.half} aria-label={title}>
      <h3>{title}</h3>
      <p className={css.call}>
        <Link to="/services/$name" params={{ name: told.service }} className={css.service}>
          {told.service}
        </Link>{" "}
        <span className="mono">{told.method}</span> {half ? <Template text={half.path} /> : null}
      </p>
      <Facts
        facts={[
          [step.retry, <Retries key="retry" retry={half?.retry} max={told.attempts_max} />],
          [step.timeout, typeof timeout === "number" ? durationMs(timeout) : null],
          [step.accept, list(half?.accept)],
          [step.retryOn, list(half?.retry_on)],
          [step.query, json(step.query, half?.query)],
          [step.headers, json(step.headers, half?.headers)],
          [step.body, json(step.body, half?.body)],
          [step.more, Object.keys(more).length ? json(step.more, more) : null],
        ]}
      />
    </section>
  );
}

function Retries({ retry, max }: { retry: Retry | undefined; max: number | null | undefined }) {
  const { step } = useText().definitions;
  const attempts = retry?.attempts ?? max;
  if (attempts === 1) return step.attemptsOne;
  if (!retry) return typeof attempts === "number" ? step.attemptsMax(String(attempts)) : null;
  const waits = [durationMs(retry.first_ms), String(retry.factor_percent / 100), durationMs(retry.max_ms)] as const;
  return typeof attempts === "number" ? step.attempts(String(attempts), ...waits) : step.attemptsNoEnd(...waits);
}
