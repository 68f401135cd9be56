import { useQuery } from "@tanstack/react-query";
import { statusQuery } from "../../app/server";
import { count } from "../../parts/format/number";
import { Notice } from "../../parts/notice";
import { useText } from "../../text";
import { useHealth } from "./use-health";

/** Is everything well? In one sentence, or what is not. */
export function Verdict() {
  const { home } = useText();
  const status = useQuery(statusQuery).data;
  const services = useHealth();
  if (!status || !services) return <div style={{ minHeight: 46 }} />;
  const { parked } = status.sagas;
  const names = (state: string) => services.filter((one) => one.state === state).map((one) => one.name);
  const down = names("down");
  const failing = names("failing");
  const wrong = [
    ...(parked > 0 ? [parked === 1 ? home.verdict.parkedOne : home.verdict.parked(count(parked))] : []),
    ...(down.length > 0 ? [home.verdict.down(down.join(", "))] : []),
    ...(failing.length > 0 ? [home.verdict.troubled(failing.join(", "))] : []),
  ];
  if (wrong.length === 0) {
    return (
      <Notice kind="good" title={home.well}>
        {home.wellWhy}
      </Notice>
    );
  }
  return <Notice kind={down.length > 0 || parked > 0 ? "warn" : "calm"} title={wrong.join(" · ")} />;
}
