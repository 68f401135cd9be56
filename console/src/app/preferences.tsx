import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconLanguage, IconMoon, IconSun } from "@tabler/icons-react";
import { useLanguage } from "../text";

/** Theme and language. They belong to the browser, not to the address. */
export function Preferences() {
  const { language, text, choose } = useLanguage();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("dark") === "dark";
  const theme = dark ? text.common.theme.light : text.common.theme.dark;
  return (
    <>
      <Tooltip label={theme} withArrow>
        <ActionIcon variant="subtle" color="gray" onClick={() => setColorScheme(dark ? "light" : "dark")} aria-label={theme}>
          {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
        </ActionIcon>
      </Tooltip>
      <Tooltip label={text.common.language} withArrow>
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={() => choose(language === "en" ? "ko" : "en")}
          aria-label={text.common.language}
        >
          <IconLanguage size={18} />
        </ActionIcon>
      </Tooltip>
    </>
  );
}
