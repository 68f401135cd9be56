import { Code } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { Empty } from "../../parts/empty";
import { count } from "../../parts/format/number";
import { useText } from "../../text";

const SEND = `export OTEL_SERVICE_NAME=checkout
export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_LOGS_EXPORTER=otlp`;

/** There is no log at all: did none come, or was all of it rejected? */
export function NoLogs() {
  const { empty } = useText().logs;
  const ledger = useQuery({ queryKey: ["ledger"], queryFn: () => answer(api.GET("/v1/telemetry/ledger")) });
  const accounts = ledger.data?.accounts ?? [];
  const ofLogs = accounts.filter((account) => account.signal === "logs");
  const rejected = ofLogs.filter((account) => account.rejected > 0);
  const others = accounts.some((account) => account.signal !== "logs" && account.stored > 0 && account.service !== "ondol");
  if (ofLogs.some((account) => account.stored > 0)) return <Empty title={empty.title}>{empty.older}</Empty>;
  return (
    <Empty title={empty.title}>
      {rejected.length ? (
        <>
          {empty.came}
          <ul style={{ textAlign: "left" }}>
            {rejected.map((one) => (
              <li key={`${one.service} ${one.instance}`}>{empty.rejected(one.instance || one.service, count(one.received), count(one.rejected))}</li>
            ))}
          </ul>
        </>
      ) : (
        <>
          {others ? empty.others : empty.text}
          <Code block mt="sm" mb="sm" ta="left">
            {SEND}
          </Code>
          {empty.files}
        </>
      )}
    </Empty>
  );
}
