import { Button, PasswordInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { isToken, token } from "../api/token";
import { clock } from "../parts/format/time";
import { Notice } from "../parts/notice";
import { useText } from "../text";
import { type Server, statusQuery } from "./server";

/** What keeps a person from seeing how things are, above every page. */
export function Situation({ server }: { server: Server }) {
  const { server: text } = useText().common;
  const queries = useQueryClient();
  const status = useQuery(statusQuery).data;
  switch (server.state) {
    case "down":
      return (
        <Notice
          kind="bad"
          title={text.down}
          action={
            <Button size="xs" variant="default" onClick={() => void queries.invalidateQueries()}>
              {text.again}
            </Button>
          }
        >
          {server.lastAt ? text.downSince(clock(server.lastAt, false)) : server.problem.detail}
        </Notice>
      );
    case "slow":
      return (
        <Notice kind="warn" title={text.slow}>
          {text.slowMore}
        </Notice>
      );
    case "unauthorized":
      return <Ask />;
    case "asking":
    case "up":
      return status && status.health !== "ready" ? (
        <Notice kind="warn" title={text.degraded}>
          {[status.health_reason, status.system_problem, status.telemetry_problem].filter(Boolean).join(" · ")}
        </Notice>
      ) : null;
  }
}

function Ask() {
  const { server: text } = useText().common;
  const queries = useQueryClient();
  const [value, setValue] = useState("");
  const [tried, setTried] = useState(token.get() !== null);
  const said = value.trim();
  const strange = said !== "" && !isToken(said);
  const use = () => {
    if (strange) return;
    token.set(said);
    setTried(true);
    void queries.invalidateQueries();
  };
  return (
    <Notice kind="warn" title={text.unauthorized}>
      {text.unauthorizedMore}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          use();
        }}
        style={{ display: "flex", gap: 8, marginTop: 10, maxWidth: 460, alignItems: "flex-end" }}
      >
        <PasswordInput
          label={text.token}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
          error={strange ? text.notToken : tried && text.wrong}
          style={{ flex: 1 }}
        />
        <Button type="submit" disabled={!said || strange}>
          {text.use}
        </Button>
      </form>
    </Notice>
  );
}
