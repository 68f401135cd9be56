import { Text } from "@mantine/core";
import type { ReactNode } from "react";

/** Nothing to show, why that may be, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div style={{ padding: "28px 16px", textAlign: "center" }}>
      <Text fw={500}>{title}</Text>
      {children ? (
        <Text c="dimmed" size="sm" mt={4} maw={520} mx="auto" component="div">
          {children}
        </Text>
      ) : null}
    </div>
  );
}
