import type { Schemas } from "../../api/client";
import { colourOf } from "../../parts/colour-of";
import { compact } from "../../parts/format/number";
import { useText } from "../../text";
import css from "./traces.module.css";

const NAMED_MAX = 6;

/** Which services a trace went through: a strip by their spans, and their names. */
export function Shares({ services }: { services: Schemas["ServiceShare"][] }) {
  const { traces } = useText();
  const most = [...services].sort((a, b) => b.spans - a.spans);
  const said = most.map(({ service, spans, errors }) => traces.service(service, compact(spans), errors)).join("\n");
  return (
    <div className={css.shares} title={said}>
      <span className={css.strip} aria-hidden>
        {most.map(({ service, spans }) => (
          <span key={service} style={{ flexGrow: spans, background: colourOf(service) }} />
        ))}
      </span>
      <span className="cut soft">
        {most
          .slice(0, NAMED_MAX)
          .map(({ service }) => service)
          .join(", ")}
        {most.length > NAMED_MAX ? ` +${most.length - NAMED_MAX}` : ""}
      </span>
    </div>
  );
}
