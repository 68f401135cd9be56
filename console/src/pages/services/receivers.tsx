import { IconCheck, IconPlugConnectedX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { Badge } from "../../parts/badge";
import { count } from "../../parts/format/number";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import css from "./services.module.css";

/** What the server calls the receiver of a definition's notices. */
const NOTICES = "notices of ";

/** Who is told how sagas ended. */
export function Receivers({ targets }: { targets: Schemas["Target"][] }) {
  const text = useText().services;
  const receivers = targets.filter(({ name }) => name.startsWith(NOTICES));
  if (receivers.length === 0) return null;
  return (
    <Panel title={text.receivers.title}>
      <ul className={css.receivers}>
        {receivers.map(({ name, up, reason, waiting }) => (
          <li key={name}>
            <Link to="/definitions/$name" params={{ name: name.slice(NOTICES.length) }} className="link">
              {text.receivers.of(name.slice(NOTICES.length))}
            </Link>
            <Badge tone={up ? "completed" : "parked"} icon={up ? IconCheck : IconPlugConnectedX}>
              {up ? text.receivers.up : text.receivers.down}
            </Badge>
            {waiting ? <span className="soft">{text.receivers.waiting(count(waiting))}</span> : null}
            {!up && reason ? <span className="soft">{reason}</span> : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
