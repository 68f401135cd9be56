// The token a person gave, for servers that were started with one. It lives as long as the tab.
const KEY = "ondol-token";

/** Visible ASCII, as a header can carry it. */
export const isToken = (value: string): boolean => /^[\x21-\x7e]+$/.test(value);

export const token = {
  get: () => {
    const value = sessionStorage.getItem(KEY);
    return value !== null && isToken(value) ? value : null;
  },
  set: (value: string) => sessionStorage.setItem(KEY, value),
};
