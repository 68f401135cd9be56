import { ScrollArea } from "@mantine/core";
import { write } from "../api/json";
import { Copy } from "./copy";

/** JSON as text, to be read and copied; numbers as they were written. */
export function Json({ value, label }: { value: unknown; label: string }) {
  const text = write(value, 2);
  return (
    <div style={{ position: "relative", background: "var(--sunken)", borderRadius: 8 }}>
      <div style={{ position: "absolute", right: 6, top: 6, zIndex: 1 }}>
        <Copy value={text} />
      </div>
      <ScrollArea.Autosize mah={360} type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": label }}>
        <pre className="mono" style={{ margin: 0, padding: "10px 40px 10px 12px", whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
          {text}
        </pre>
      </ScrollArea.Autosize>
    </div>
  );
}
