import { AppShell, Burger } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useText } from "../text";
import { useChanges } from "./changes";
import { Jump } from "./jump";
import { Menu } from "./menu";
import { Preferences } from "./preferences";
import { Situation } from "./situation";
import { useServer } from "./server";
import css from "./shell.module.css";

/** What surrounds every page: the menu, the way to anything by name, and how it stands with the server. */
export function Shell() {
  const { common } = useText();
  const [opened, { toggle, close }] = useDisclosure(false);
  const server = useServer();
  const open = useChanges();
  const live = open && server.state !== "down" && server.state !== "unauthorized";
  const { pathname } = useLocation();
  const main = useRef<HTMLDivElement>(null);
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    close();
    // A screen reader goes on at the new page, not at the link that led to it.
    main.current?.focus({ preventScroll: true });
  }, [pathname, close]);
  return (
    <AppShell header={{ height: 52 }} navbar={{ width: 216, breakpoint: "sm", collapsed: { mobile: !opened } }} padding="md">
      <a className="skip" href="#content">
        {common.skip}
      </a>
      <AppShell.Header withBorder={false}>
        <div className={css.header}>
          <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={common.menu} aria-expanded={opened} />
          <Link to="/" className={css.brand}>
            <img src="/icon.svg" alt="" width={24} height={24} />
            {common.product}
          </Link>
          <span className={css.grow} />
          <Jump />
          <span className={css.live} title={common.live.label} role="status">
            <span className={css.dot} data-on={live || undefined} aria-hidden />
            {live ? common.live.on : common.live.off}
          </span>
          <Preferences />
        </div>
      </AppShell.Header>
      <AppShell.Navbar className={css.nav} withBorder={false}>
        <Menu />
      </AppShell.Navbar>
      <AppShell.Main>
        <div id="content" ref={main} tabIndex={-1} className={css.main}>
          <Situation server={server} />
          <Outlet />
        </div>
      </AppShell.Main>
    </AppShell>
  );
}
