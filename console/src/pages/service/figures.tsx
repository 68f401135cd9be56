import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client";
import { duration } from "../../parts/format/duration";
import { compact, percent, rate } from "../../parts/format/number";
import { useText } from "../../text";
import css from "./service.module.css";

interface Props {
  figures: Schemas["ServiceView"] | undefined;
  /** The length of the time they are of. */
  seconds: number;
}

/** The service's own figures, as large as they are important. */
export function Figures({ figures, seconds }: Props) {
  const text = useText().services.one.figures;
  if (!figures || figures.requests === 0) return <p className={css.none}>{text.none}</p>;
  const { requests, errors, p50_ns, p95_ns, p99_ns, exemplar } = figures;
  const tiles: [string, ReactNode, boolean?][] = [
    [text.rate, rate(requests, seconds)],
    [text.requests, compact(requests)],
    [text.errors, percent(errors, requests), errors > 0],
    [text.p50, duration(p50_ns)],
    [text.p95, duration(p95_ns)],
    [text.p99, duration(p99_ns)],
  ];
  return (
    <div className={css.figures}>
      <dl>
        {tiles.map(([name, value, bad]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="numbers" data-bad={bad || undefined}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
      {exemplar ? (
        <Link to="/traces/$id" params={{ id: exemplar }} className="soft">
          {text.exemplar}
        </Link>
      ) : null}
    </div>
  );
}
