import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import type { Saga } from "./query";

export function SagaTrace({ saga }: { saga: Saga }) {
  const { trace } = useText().saga;
  return <Panel title={trace.title}>{saga.trace_id}</Panel>;
}
