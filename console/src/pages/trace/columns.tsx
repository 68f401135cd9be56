import { Anchor } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconCircleX, IconMinus, IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Badge, type Tone } from "../../parts/badge";
import { colourOf } from "../../parts/colour-of";
import { duration } from "../../parts/format/duration";
import type { Column } from "../../parts/rows";
import type { Node } from "../../parts/waterfall/tree";
import type { Text } from "../../text";
import type { Mark, Pair } from "./align";
import css from "./trace.module.css";

const DEPTH_DRAWN_MAX = 12;
const TONES: Record<Exclude<Mark, "same">, Tone> = {
  slower: "compensating",
  faster: "completed",
  only_here: "compensated",
  only_there: "running",
  fails_here: "parked",
  fails_there: "parked",
};
const ICONS = { slower: IconArrowUp, faster: IconArrowDown, only_here: IconMinus, only_there: IconPlus, fails_here: IconCircleX, fails_there: IconCircleX };

interface Of {
  longest: number;
  other: string;
  onSelect: (span: string) => void;
}

/** What stands side by side. */
export function columns({ traces }: Text, { longest, other, onSelect }: Of): Column<Pair>[] {
  const { two } = traces;
  return [
    {
      key: "span",
      label: two.span,
      width: "minmax(200px, 1.5fr)",
      narrow: "minmax(0, 1fr)",
      cell: ({ depth, service, name }) => (
        <span className={css.span} style={{ paddingLeft: Math.min(depth, DEPTH_DRAWN_MAX) * 12 }}>
          <span className={css.stripe} style={{ background: colourOf(service) }} aria-hidden />
          <span className="cut" title={`${service} ${name}`}>
            <b>{service}</b> {name}
          </span>
        </span>
      ),
    },
    {
      key: "here",
      label: two.here,
      width: "minmax(90px, 1fr)",
      narrow: "64px",
      cell: ({ here }) =>
        here ? (
          <Anchor component="button" type="button" inherit c="inherit" underline="never" className={css.side} onClick={() => onSelect(here.span.span_id)}>
            <Side node={here} longest={longest} />
          </Anchor>
        ) : (
          <None />
        ),
    },
    {
      key: "there",
      label: two.there,
      width: "minmax(90px, 1fr)",
      narrow: "64px",
      cell: ({ there }) =>
        there ? (
          <Link to="/traces/$id" params={{ id: other }} search={{ span: there.span.span_id }} className={css.side}>
            <Side node={there} longest={longest} />
          </Link>
        ) : (
          <None />
        ),
    },
    { key: "difference", label: two.difference, width: "minmax(150px, 0.9fr)", narrow: "30px", cell: (pair) => <Difference pair={pair} text={two} /> },
  ];
}

const None = () => <span className="soft">–</span>;

function Side({ node, longest }: { node: Node; longest: number }) {
  return (
    <>
      <span className="numbers">{duration(node.span.duration_ns)}</span>
      <span className={css.lane} aria-hidden>
        <span style={{ width: `${(100 * node.span.duration_ns) / longest}%`, background: node.failed ? "var(--s-parked)" : colourOf(node.span.service) }} />
      </span>
    </>
  );
}

function Difference({ pair: { mark, here, there }, text }: { pair: Pair; text: Text["traces"]["two"] }) {
  if (mark === "same") return <span className={`soft ${css.sameWords}`}>{text.same}</span>;
  const by = duration(Math.abs((there?.span.duration_ns ?? 0) - (here?.span.duration_ns ?? 0)));
  const words = {
    slower: text.slower(by),
    faster: text.faster(by),
    only_here: text.onlyHere,
    only_there: text.onlyThere,
    fails_here: text.failsHere,
    fails_there: text.failsThere,
  }[mark];
  return (
    <Badge tone={TONES[mark]} icon={ICONS[mark]}>
      <span className={css.differenceWords} title={words}>
        {words}
      </span>
    </Badge>
  );
}
