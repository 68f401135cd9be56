import { Button, TextInput } from "@mantine/core";
import { IconArrowsDiff } from "@tabler/icons-react";
import { useState } from "react";
import { useText } from "../../text";
import { TRACE_ID } from "./query";
import css from "./trace.module.css";

interface Props {
  self: string;
  value: string;
  onChange: (id: string) => void;
}

/** Asks for the trace to compare with. */
export function OtherField({ self, value, onChange }: Props) {
  const { two, one } = useText().traces;
  const [text, setText] = useState(value);
  const id = text.trim().toLowerCase();
  const wrong = id === "" ? null : !TRACE_ID.test(id) ? one.notAnId : id === self ? two.self : null;
  return (
    <form
      className={css.other}
      onSubmit={(event) => {
        event.preventDefault();
        if (id && !wrong) onChange(id);
      }}
    >
      <TextInput
        size="sm"
        label={two.field}
        className={css.otherInput}
        classNames={{ input: "mono" }}
        value={text}
        spellCheck={false}
        autoComplete="off"
        error={wrong}
        inputWrapperOrder={["label", "input", "error"]}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" mt={24} disabled={!id || wrong !== null} leftSection={<IconArrowsDiff size={16} />}>
        {two.go}
      </Button>
    </form>
  );
}
