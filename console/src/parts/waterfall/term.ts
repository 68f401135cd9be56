/** A condition of a query. In quotes nothing but a quote and a backslash means anything else. */
export const term = (field: string, value: string): string =>
  `${field}:${/^[\w.-]+$/.test(value) ? value : `"${value.replace(/(["\\])/g, "\\$1")}"`}`;
