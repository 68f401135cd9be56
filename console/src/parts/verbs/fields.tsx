import { Stack, Textarea, TextInput } from "@mantine/core";
import { useText } from "../../text";
import { type Fields, needsNote, parsed, type Verb } from "./verb";

interface Props {
  verb: Verb;
  value: Fields;
  onChange: (fields: Fields) => void;
}

/** What has to be said with a verb: who, why, and for some an output or an input. */
export function VerbFields({ verb, value, onChange }: Props) {
  const { desk } = useText();
  const { fields } = desk;
  const set = (part: Partial<Fields>) => onChange({ ...value, ...part });
  return (
    <Stack gap="sm">
      {verb === "complete" ? (
        <JsonField label={fields.output} description={fields.outputHelp} value={value.output} onChange={(output) => set({ output })} rows={[3, 10]} />
      ) : null}
      {verb === "edit" ? (
        <JsonField label={fields.input} description={fields.inputHelp} value={value.input} onChange={(input) => set({ input })} rows={[4, 14]} />
      ) : null}
      <Textarea
        label={fields.note}
        description={needsNote(verb) ? fields.noteNeeded : fields.noteHelp}
        withAsterisk={needsNote(verb)}
        value={value.note}
        onChange={(event) => set({ note: event.currentTarget.value })}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={1000}
        data-autofocus
      />
      <TextInput
        label={fields.by}
        description={fields.byHelp}
        value={value.by}
        onChange={(event) => set({ by: event.currentTarget.value })}
        maxLength={128}
      />
    </Stack>
  );
}

interface JsonFieldProps {
  label: string;
  description: string;
  value: string;
  onChange: (text: string) => void;
  /** At least and at most. */
  rows: [number, number];
}

/** JSON to be sent as it is typed: nothing puts it in order on the way. */
function JsonField({ label, description, value, onChange, rows }: JsonFieldProps) {
  const { desk } = useText();
  return (
    <Textarea
      label={label}
      description={description}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={parsed(value) ? undefined : desk.fields.notJson}
      classNames={{ input: "mono" }}
      autosize
      minRows={rows[0]}
      maxRows={rows[1]}
      spellCheck={false}
    />
  );
}
