import { createContext, type ReactNode, use, useEffect, useState } from "react";
import { en } from "./en";
import { ko } from "./ko";

// Every text that a person sees stands in a catalogue. A catalogue is a plain object whose entries are texts, or
// functions of what is put in: the compiler sees to it that Korean has exactly what English has.
export type Text = typeof en;
export type Language = "en" | "ko";

const CATALOGUES: Record<Language, Text> = { en, ko };
const KEY = "ondol-language";

interface Chosen {
  language: Language;
  text: Text;
  choose: (language: Language) => void;
}

const Context = createContext<Chosen | null>(null);

function first(): Language {
  const kept = localStorage.getItem(KEY);
  if (kept === "en" || kept === "ko") return kept;
  return navigator.language.startsWith("ko") ? "ko" : "en";
}

export function TextProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(first);
  // Screen readers and hyphenation follow the document's language.
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const choose = (next: Language) => {
    localStorage.setItem(KEY, next);
    setLanguage(next);
  };
  return <Context value={{ language, text: CATALOGUES[language], choose }}>{children}</Context>;
}

export function useLanguage(): Chosen {
  const chosen = use(Context);
  if (!chosen) throw new Error("useText outside of TextProvider");
  return chosen;
}

export const useText = (): Text => useLanguage().text;
