import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import css from "./notice.module.css";

export type NoticeKind = "bad" | "warn" | "good" | "calm";

const ICONS = { bad: IconAlertTriangle, warn: IconAlertTriangle, good: IconCircleCheck, calm: IconInfoCircle };

interface Props {
  kind: NoticeKind;
  title: ReactNode;
  action?: ReactNode;
  children?: ReactNode;
}

/** Something a person has to know before all else. */
export function Notice({ kind, title, action, children }: Props) {
  const Icon = ICONS[kind];
  return (
    <div className={`${css.notice} ${css[kind]}`} role={kind === "bad" ? "alert" : "status"}>
      <Icon size={20} aria-hidden />
      <div className={css.text}>
        <div className={css.title}>{title}</div>
        {children ? <div className="soft">{children}</div> : null}
      </div>
      {action}
    </div>
  );
}
