import { Stack, Text, TextInput } from "@mantine/core";
import { write } from "../../../api/json";
import { useText } from "../../../text";
import { type Field, keyOf } from "../value";
import type { InputState } from "./input";

/** A field for every leaf of the input. */
export function FormFields({ input }: { input: InputState }) {
  const text = useText().definitions.start;
  if (input.all.length === 0) return <Text c="dimmed">{text.none}</Text>;
  return (
    <Stack gap="sm">
      <Text c="dimmed" size="sm">
        {input.said ? null : `${text.derived} `}
        {text.typed}
      </Text>
      {input.all.map((field) => (
        <OneField key={keyOf(field.path)} field={field} input={input} />
      ))}
    </Stack>
  );
}

function OneField({ field, input }: { field: Field; input: InputState }) {
  const text = useText().definitions.start;
  const key = keyOf(field.path);
  const wrong = input.wrong(key);
  const { title, description, examples } = field.schema;
  const name = field.path.join(".");
  return (
    <TextInput
      label={title && title !== name ? `${title} (${name})` : name}
      description={[description, field.required ? null : text.optional].filter(Boolean).join(" · ") || undefined}
      placeholder={examples?.length ? write(examples[0]) : undefined}
      value={input.typed[key] ?? ""}
      onChange={(event) => input.type(key, event.currentTarget.value)}
      error={wrong === undefined ? undefined : wrong === "missing" ? text.missing : text.wrong}
      required={field.required}
      classNames={{ input: "mono" }}
      autoComplete="off"
      spellCheck={false}
    />
  );
}
