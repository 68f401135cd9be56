import { Textarea } from "@mantine/core";
import { useText } from "../../../text";
import type { InputState } from "./input";

/** The input as one text. */
export function InputAsJson({ input }: { input: InputState }) {
  const text = useText().definitions.start;
  return (
    <Textarea
      label={text.jsonLabel}
      value={input.json}
      onChange={(event) => input.setJson(event.currentTarget.value)}
      error={input.parsed.error === undefined ? undefined : text.jsonWrong(input.parsed.error)}
      classNames={{ input: "mono" }}
      autosize
      minRows={8}
      maxRows={24}
      spellCheck={false}
    />
  );
}
