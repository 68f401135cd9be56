import { IconCheck, IconRefresh, IconUnlink } from "@tabler/icons-react";
import type { Schemas } from "../../api/client";
import { Badge } from "../../parts/badge";
import { Empty } from "../../parts/empty";
import { durationMs } from "../../parts/format/duration";
import { count } from "../../parts/format/number";
import { Panel } from "../../parts/panel";
import { type Column, Rows } from "../../parts/rows";
import { useText } from "../../text";
import { isUsable } from "../services/model";
import css from "./service.module.css";

type Endpoint = Schemas["Endpoint"];

/** Each address: may it be called, if not why and when it is tried again. */
export function Endpoints({ endpoints }: { endpoints: Endpoint[] }) {
  const { endpoints: text, words } = useText().services;
  const columns: Column<Endpoint>[] = [
    {
      key: "address",
      label: text.address,
      width: "minmax(0, 2fr)",
      narrow: "minmax(0, 1fr)",
      cell: (endpoint) => (
        <div className={css.two}>
          <span className="mono cut">{endpoint.address}</span>
          {endpoint.why ? (
            <span className={`cut ${css.small}`} title={words(endpoint.why)}>
              {words(endpoint.why)}
            </span>
          ) : null}
        </div>
      ),
    },
    {
      key: "state",
      label: text.state,
      width: "minmax(0, 1.4fr)",
      narrow: "130px",
      cell: (endpoint) => (
        <div className={css.two}>
          <span>
            <EndpointBadge endpoint={endpoint} />
          </span>
          {!endpoint.usable && typeof endpoint.again_in_ms === "number" ? (
            <span className={`cut numbers ${css.small}`}>{text.again(durationMs(Math.max(1_000, Math.round(endpoint.again_in_ms / 1_000) * 1_000)))}</span>
          ) : null}
        </div>
      ),
    },
    {
      key: "latency",
      label: text.latency,
      width: "100px",
      right: true,
      cell: ({ latency_ms }) => (
        <span className="numbers" title={text.latencyHelp}>
          {typeof latency_ms === "number" ? durationMs(latency_ms) : "–"}
        </span>
      ),
    },
    { key: "inFlight", label: text.inFlight, width: "80px", right: true, cell: (endpoint) => <span className="numbers">{count(endpoint.in_flight)}</span> },
    {
      key: "lastError",
      label: text.lastError,
      width: "minmax(0, 2fr)",
      cell: ({ last_error }) => last_error ? <span title={words(last_error)}>{words(last_error)}</span> : <span className="soft">{text.noError}</span>,
    },
  ];
  return (
    <Panel title={text.title} flush>
      {endpoints.length === 0 ? (
        <Empty title={text.none} />
      ) : (
        <Rows label={text.title} columns={columns} rows={endpoints} id={({ address }) => address} height={56} />
      )}
    </Panel>
  );
}

function EndpointBadge({ endpoint }: { endpoint: Endpoint }) {
  const text = useText().services.endpoints;
  if (isUsable(endpoint)) {
    return (
      <Badge tone="completed" icon={IconCheck}>
        {text.usable}
      </Badge>
    );
  }
  return endpoint.usable ? (
    <Badge tone="compensating" icon={IconRefresh}>
      {text.probed}
    </Badge>
  ) : (
    <Badge tone="parked" icon={IconUnlink}>
      {text.notUsable}
    </Badge>
  );
}
