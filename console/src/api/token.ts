// The token a person gave, for servers that were started with one. It lives as long as the tab.
const KEY = "ondol-token";

export const token = {
  get: () => sessionStorage.getItem(KEY),
  set: (value: string) => sessionStorage.setItem(KEY, value),
};
