import { JsonInput, Stack, Textarea, TextInput } from "@mantine/core";
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
        <JsonInput
          label={fields.output}
          description={fields.outputHelp}
          value={value.output}
          onChange={(output) => set({ output })}
          error={parsed(value.output) ? undefined : fields.notJson}
          autosize
          minRows={3}
          maxRows={10}
          formatOnBlur
        />
      ) : null}
      {verb === "edit" ? (
        <JsonInput
          label={fields.input}
          description={fields.inputHelp}
          value={value.input}
          onChange={(input) => set({ input })}
          error={parsed(value.input) ? undefined : fields.notJson}
          autosize
          minRows={4}
          maxRows={14}
          formatOnBlur
        />
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
