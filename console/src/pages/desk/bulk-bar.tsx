import { Button, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { count } from "../../parts/format/number";
import { VerbDialog } from "../../parts/verbs/dialog";
import { type Allowed, isVerb, type Verb, VERB_ICONS } from "../../parts/verbs/verb";
import { useText } from "../../text";
import { sagaQuery } from "../saga/query";
import { BulkDialog } from "./bulk-dialog";

/** Some sagas by their ids, or all of a cause; and one of them as an example. */
export type Chosen = { total: number; example: string } & ({ ids: string[] } | { cause: string });

interface Asked {
  allowed: Allowed;
  chosen: Chosen;
  input: unknown;
}

/** An input belongs to one saga: `edit` is for one at a time. */
const MANY: readonly Verb[] = ["retry", "complete", "skip", "cancel"];

/** What may be done with what is chosen, as the server says of one of them. */
export function BulkBar({ chosen }: { chosen: Chosen }) {
  const { desk } = useText();
  // What was chosen when the verb was: more sagas may come while a person writes why, and the dialog stays as it is.
  const [asked, ask] = useState<Asked | null>(null);
  const { example, total } = chosen;
  const saga = useQuery({ ...sagaQuery(example), enabled: example !== "" }).data;
  const verbs = total === 0 || !saga ? [] : saga.allowed.filter((one) => isVerb(one.verb) && (total === 1 ? one.verb !== "resend" : MANY.includes(one.verb)));
  return (
    <>
      <span className="soft">{total === 0 ? desk.group.choose : desk.group.chosen(count(total))}</span>
      {verbs
        .filter((one) => one.verb !== (saga?.paused ? "pause" : "resume"))
        .map((one) => {
          const verb = one.verb as Verb;
          const Icon = VERB_ICONS[verb];
          const why = one.allowed ? desk.verbs[verb].what : (one.reason ?? "");
          return (
            <Tooltip key={`${verb}-${one.step}-${one.half}`} label={why} multiline maw={340} withArrow events={{ hover: true, focus: true, touch: true }}>
              <Button
                size="xs"
                variant={one.allowed && verb === "retry" ? "filled" : "default"}
                leftSection={<Icon size={15} aria-hidden />}
                aria-disabled={!one.allowed}
                data-disabled={!one.allowed || undefined}
                onClick={() => one.allowed && ask({ allowed: one, chosen, input: saga?.input })}
              >
                {desk.verbs[verb].label}
              </Button>
            </Tooltip>
          );
        })}
      {asked && asked.chosen.total === 1 ? (
        <VerbDialog id={asked.chosen.example} allowed={asked.allowed} input={asked.input} onClose={() => ask(null)} />
      ) : null}
      {asked && asked.chosen.total !== 1 ? <BulkDialog chosen={asked.chosen} allowed={asked.allowed} onClose={() => ask(null)} /> : null}
    </>
  );
}
