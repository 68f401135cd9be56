import { Button, Select } from "@mantine/core";
import { RANGES, type Range, type RangeName } from "../app/search";
import { useText } from "../text";
import { clock, moment } from "./format/time";
import { useNow } from "./now";

const ANY = "any";

interface Props {
  value: Range;
  /** What is shown where nothing is chosen; without one that is any time. */
  otherwise?: RangeName | null;
  onChange: (range: Range) => void;
}

/** The span of time that a page shows: one of the usual ones, or one that was chosen in a chart. */
export function RangePicker({ value, otherwise = "1h", onChange }: Props) {
  const { ranges, clear } = useText().common;
  const now = useNow();
  if (value.from) {
    const from = moment(Date.parse(value.from), now);
    const to = value.to ? clock(Date.parse(value.to), false) : "";
    return (
      <Button variant="default" size="xs" onClick={() => onChange({})} title={clear}>
        {from} – {to} ×
      </Button>
    );
  }
  return (
    <Select
      aria-label={ranges.label}
      size="xs"
      w={170}
      allowDeselect={false}
      data={[...(otherwise ? [] : [{ value: ANY, label: ranges.any }]), ...RANGES.map((name) => ({ value: name, label: ranges[name] }))]}
      value={value.since ?? otherwise ?? ANY}
      onChange={(since) => onChange(since === ANY ? {} : { since: since as RangeName })}
    />
  );
}
