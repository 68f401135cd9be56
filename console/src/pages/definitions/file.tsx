import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { Copy } from "../../parts/copy";
import { Facts } from "../../parts/facts";
import { Ago, Moment } from "../../parts/moment";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";

/** Where the system that is in force came from. */
export function File({ system }: { system: Schemas["System"] }) {
  const { file } = useText().definitions;
  return (
    <Panel title={file.title}>
      <Facts
        facts={[
          [file.source, file.sources[system.source] ?? system.source],
          [file.path, system.file ? <span key="file" className="mono">{system.file}</span> : null],
          [file.since, <span key="since"><Moment at={system.since} /> · <Ago at={system.since} /></span>],
          [
            file.digest,
            <span key="digest" style={{ display: "flex", alignItems: "center", gap: 4 }}>
              <span className="mono cut" title={system.digest}>{system.digest}</span>
              <Copy value={system.digest} />
            </span>,
            file.digestHelp,
          ],
          [file.services, <Link key="services" to="/services">{String(system.services.length)}</Link>],
          [file.secrets, system.secrets.length ? <span key="secrets" className="mono">{system.secrets.join(", ")}</span> : null, file.secretsHelp],
        ]}
      />
    </Panel>
  );
}
