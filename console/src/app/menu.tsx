import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { compact } from "../parts/format/number";
import { useText } from "../text";
import { GROUPS } from "./nav";
import { statusQuery } from "./server";
import css from "./shell.module.css";

/** The pages, and how much waits at the desk. */
export function Menu() {
  const { common } = useText();
  const parked = useQuery(statusQuery).data?.sagas.parked ?? 0;
  return (
    <nav aria-label={common.navigation}>
      {GROUPS.map(({ group, pages }) => (
        <div key={group ?? ""}>
          {group ? <div className={css.group}>{common.groups[group]}</div> : null}
          {pages.map(({ page, to, icon: Icon }) => (
            <Link key={page} to={to} className={css.page} activeOptions={{ exact: to === "/", includeSearch: false }}>
              <Icon size={18} stroke={1.7} aria-hidden />
              {common.pages[page]}
              {page === "desk" && parked > 0 ? <span className={css.count}>{compact(parked)}</span> : null}
            </Link>
          ))}
        </div>
      ))}
    </nav>
  );
}
