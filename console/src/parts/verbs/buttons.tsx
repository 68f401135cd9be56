import { Button, Tooltip } from "@mantine/core";
import { useState } from "react";
import { useText } from "../../text";
import { VerbDialog } from "./dialog";
import { type Allowed, isVerb, UnknownVerb, VERB_ICONS } from "./verb";

interface Props {
  id: string;
  allowed: Allowed[];
  input?: unknown;
  /** Is the step said beside the buttons already? */
  short?: boolean;
}

/** The verbs of a saga. The server says which are allowed; one that is not says why when it is pointed at or focused. */
export function VerbButtons({ id, allowed, input, short }: Props) {
  const { desk, saga } = useText();
  const [chosen, choose] = useState<Allowed | null>(null);
  return (
    <>
      {allowed.map((one) => {
        const verb = isVerb(one.verb) ? one.verb : null;
        const Icon = verb ? VERB_ICONS[verb] : UnknownVerb;
        const label = verb ? desk.verbs[verb].label : one.verb;
        const about = one.notice != null ? desk.notice(one.notice) : one.step && !short ? saga.events.what(one.step, one.half ?? "") : "";
        const button = (
          <Button
            size="xs"
            variant={one.allowed && verb === "retry" ? "filled" : "default"}
            leftSection={<Icon size={15} aria-hidden />}
            // Not `disabled`: what cannot be focused cannot say why.
            aria-disabled={!one.allowed}
            data-disabled={!one.allowed || undefined}
            onClick={() => one.allowed && choose(one)}
          >
            {about ? `${label}: ${about}` : label}
          </Button>
        );
        const why = one.allowed ? (verb ? desk.verbs[verb].what : "") : (one.reason ?? "");
        return (
          <Tooltip key={[one.verb, one.step, one.half, one.notice].join("/")} label={why} multiline maw={340} withArrow events={{ hover: true, focus: true, touch: true }} disabled={!why}>
            {button}
          </Tooltip>
        );
      })}
      {chosen ? <VerbDialog id={id} allowed={chosen} input={input} onClose={() => choose(null)} /> : null}
    </>
  );
}
