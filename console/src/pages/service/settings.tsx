import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { Facts } from "../../parts/facts";
import { durationMs } from "../../parts/format/duration";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";

/** What the system file says of it. */
export function Settings({ settings }: { settings: Schemas["Service"] }) {
  const text = useText().services.settings;
  return (
    <Panel
      title={text.title}
      aside={
        <Link to="/definitions" className="soft">
          {text.file}
        </Link>
      }
    >
      <Facts
        facts={[
          [
            text.urls,
            <span key="urls" className="mono">
              {settings.urls.map((url) => (
                <div key={url}>{url}</div>
              ))}
            </span>,
          ],
          [text.connect, durationMs(settings.connect_timeout_ms)],
          [text.response, durationMs(settings.response_timeout_ms)],
          [text.barrier, settings.barrier ? text.barrierOn : text.barrierOff],
        ]}
      />
    </Panel>
  );
}
