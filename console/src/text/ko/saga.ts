export const saga = { title: "saga" };
