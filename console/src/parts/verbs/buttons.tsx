import { Button, Tooltip } from "@mantine/core";
import { useText } from "../../text";
import { useAsk } from "./asking";
import { type Allowed, isVerb, UnknownVerb, VERB_ICONS } from "./verb";

interface Props {
  allowed: Allowed[];
  input?: unknown;
  /** Is the step said beside the buttons already? */
  short?: boolean;
}

/** The verbs of a saga. The server says which are allowed; one that is not says why when it is pointed at or focused. */
export function VerbButtons({ allowed, input, short }: Props) {
  const { desk, saga } = useText();
  const ask = useAsk();
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
            onClick={() => one.allowed && ask({ allowed: one, input })}
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
    </>
  );
}
