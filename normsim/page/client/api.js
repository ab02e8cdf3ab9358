// What is asked of the server.

/** An error whose message can be shown. */
export class Refused extends Error {}

/** Get JSON from an address. */
export async function get(path) {
  return answered(await reach(path, {}));
}

/** Send JSON and get JSON back. */
export async function post(path, body, signal) {
  return answered(await sent(path, body, signal));
}

/** Send JSON and get a file back: its name and content. */
export async function file(path, body) {
  const response = await sent(path, body);
  if (!response.ok) await answered(response);
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  return { name, blob: await response.blob() };
}

/** Send JSON and read the answer line by line. */
export async function* lines(path, body, signal) {
  const response = await sent(path, body, signal);
  if (!response.ok) await answered(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    rest += value ?? "";
    const parts = rest.split("\n");
    rest = done ? "" : parts.pop();
    for (const part of parts) if (part) yield JSON.parse(part);
    if (done) return;
  }
}

function sent(path, body, signal) {
  return reach(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
}

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch (problem) {
    if (problem.name === "AbortError") throw problem;
    throw new Refused("The program that computes the runs does not answer. Start it again (normsim page) and go on here.");
  }
}

async function answered(response) {
  let told;
  try {
    told = await response.json();
  } catch {
    throw new Refused(`The program answered with something that cannot be read (status ${response.status}).`);
  }
  if (!response.ok) throw new Refused(told.error ?? `The program refused this (status ${response.status}).`);
  return told;
}

/**
 * Unpack an array that was sent as base64.
 * @param {object} sent `type`, `shape` and `base64`
 * @param {object} quantity says what the numbers stand for
 * @returns {{values: ArrayLike<number>, row: (month: number) => ArrayLike<number>}} NaN where the quantity does not apply
 */
export function unpack({ type, shape, base64 }, quantity) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  let values = type === "float32" ? new Float32Array(bytes.buffer) : type === "uint16" ? new Uint16Array(bytes.buffer) : bytes;
  if (type === "uint16") {
    values = Float32Array.from(values, (step) => (step === ABSENT ? NaN : quantity.low + quantity.step * step));
  }
  return { values, row: (month) => values.subarray(month * shape[1], (month + 1) * shape[1]) };
}

const ABSENT = 65535;
