// Who acts, as they call themselves: Ondol has one token, not accounts. Kept in this browser for the next time.
const KEY = "ondol-person";

export const person = {
  get: () => localStorage.getItem(KEY) ?? "",
  set: (name: string) => localStorage.setItem(KEY, name),
};
