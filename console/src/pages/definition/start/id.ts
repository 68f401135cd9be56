const two = (value: number) => value.toString().padStart(2, "0");

export const ID = /^[A-Za-z0-9._-]{1,128}$/;

/** An id that says what was started and when, and that nobody else has: `book-flight-20261125-171903-k3fq`. */
export function suggest(definition: string, at: Date, chance: number): string {
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  const tail = Math.floor(chance * 36 ** 4).toString(36).padStart(4, "0");
  return `${definition.replace(/[^A-Za-z0-9._-]/g, "-").slice(0, 100)}-${day}-${time}-${tail}`;
}
