import { createTheme, defaultVariantColorsResolver, type MantineColorsTuple } from "@mantine/core";

// The warm floor that gave Ondol its name: the one accent, kept away from the colours of states.
const ember: MantineColorsTuple = [
  "#fff1e6",
  "#ffe0cc",
  "#fcc19f",
  "#f9a06e",
  "#f68544",
  "#f0742c",
  "#e0641d",
  "#b84c0f",
  "#8f3a0a",
  "#652704",
];

// Greys with a little blue, calm enough to read all day.
const dark: MantineColorsTuple = [
  "#e6e8eb",
  "#c3c8ce",
  "#9ba2ab",
  "#787f89",
  "#4a5058",
  "#343940",
  "#272b31",
  "#1b1e23",
  "#14171b",
  "#0e1013",
];

export const theme = createTheme({
  primaryColor: "ember",
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  // Mantine reckons a button's text for the light theme's shade only; this one is right in both.
  variantColorResolver: (input) => {
    const colours = defaultVariantColorsResolver(input);
    const accent = input.color === undefined || input.color === input.theme.primaryColor;
    return input.variant === "filled" && accent ? { ...colours, color: "var(--mantine-primary-color-contrast)" } : colours;
  },
  colors: { ember, dark },
  defaultRadius: "md",
  fontFamily: "'Inter Variable', 'Noto Sans KR', 'Noto Sans CJK KR', 'Apple SD Gothic Neo', 'Malgun Gothic', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', 'Noto Sans Mono CJK KR', ui-monospace, monospace",
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "1.375rem", lineHeight: "1.3" }, h2: { fontSize: "1rem", lineHeight: "1.4" } } },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
});
