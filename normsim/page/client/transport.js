// Time: play, step and scrub.

import { at, fill, h } from "./dom.js";
import { monthName, when } from "./words.js";

let timer = 0;
let now = null;

/** Whether it plays. */
export const isPlaying = () => timer !== 0;

/**
 * Connect the buttons; once.
 * @param {() => object} current gives `view` and `run`
 * @param {(month: number, passing: boolean) => void} go goes to a month
 * @param {(speed: number) => void} setSpeed sets the months a second
 * @param {() => void} stopped called when it stops
 */
export function connectTransport(current, go, setSpeed, stopped) {
  now = { current, go, stopped };
  at("play").addEventListener("click", toggle);
  at("first").addEventListener("click", () => move(-Infinity));
  at("back").addEventListener("click", () => move(-1));
  at("step").addEventListener("click", () => move(1));
  at("end").addEventListener("click", () => move(Infinity));
  at("scrub").addEventListener("input", (event) => {
    stop();
    go(Number(event.target.value), true);
  });
  at("jump").addEventListener("change", (event) => {
    if (event.target.value) {
      stop();
      go(Number(event.target.value), false);
    }
  });
  at("speed").addEventListener("change", (event) => setSpeed(Number(event.target.value)));
}

/** Go some months on or back. */
export function move(months) {
  stop();
  const { view, run } = now.current();
  now.go(Math.min(Math.max(view.month + months, 0), run.months.length), false);
}

/** Go to the mark before or after. */
export function hop(way) {
  const { view, run } = now.current();
  const months = [...new Set(run.marks.map((mark) => mark.month))].sort((a, b) => a - b);
  const next = way > 0 ? months.find((month) => month > view.month) : months.findLast((month) => month < view.month);
  if (next !== undefined) move(next - view.month);
}

/** Play or pause. */
export function toggle() {
  if (isPlaying()) return stop();
  const { view, run } = now.current();
  if (view.month >= run.months.length) now.go(0, true);
  let [month, began, from] = [now.current().view.month, performance.now(), now.current().view.month];
  const speed = () => now.current().view.speed;
  let was = speed();
  const tick = (time) => {
    if (speed() !== was) [began, from, was] = [time, month, speed()];
    const due = Math.min(from + Math.floor(((time - began) * was) / 1000), now.current().run.months.length);
    if (due > month) {
      month = due;
      now.go(month, true);
    }
    if (month >= now.current().run.months.length) return stop();
    timer = requestAnimationFrame(tick);
  };
  timer = requestAnimationFrame(tick);
  label();
}

/** Stop playing. */
export function stop() {
  if (!isPlaying()) return;
  cancelAnimationFrame(timer);
  timer = 0;
  label();
  now.stopped();
}

function label() {
  fill(at("play"), h("span", { "aria-hidden": "true" }, isPlaying() ? "⏸" : "▶"), isPlaying() ? " Pause" : " Play");
}

/** The mark nearest to the pointer. */
function nearest({ clientX }) {
  const far = (mark) => Math.abs(mark.getBoundingClientRect().x + mark.getBoundingClientRect().width / 2 - clientX);
  const mark = [...at("marks").children].sort((a, b) => far(a) - far(b))[0];
  return mark && far(mark) < 14 ? mark : null;
}

/** Draw the marks: once a run. */
export function renderMarks(run, go) {
  const most = run.months.length;
  at("scrub").max = most;
  const byMonth = Map.groupBy(run.marks, (mark) => mark.month);
  const words = (marks) => marks.map((mark) => mark.label).join("; ");
  fill(at("marks"), [...byMonth].map(([month, marks]) => {
    const mark = h("span.mark", { title: `${monthName(run.months[month - 1])}: ${words(marks)}`, "data-month": month });
    mark.style.left = `${(100 * month) / most}%`;
    return mark;
  }));
  // marks can stand closer than a finger is wide: the nearest one is meant
  at("marks").onpointermove = (event) => {
    at("marks").title = nearest(event)?.title ?? "";
  };
  at("marks").onclick = (event) => {
    const mark = nearest(event);
    if (mark) go(Number(mark.dataset.month));
  };
  fill(at("jump"), h("option", { value: "" }, "an event"), [...byMonth].map(([month, marks]) => h("option", { value: month }, `${monthName(run.months[month - 1])}: ${words(marks)}`)));
}

/** Show a month. */
export function renderTransport(view, run) {
  const many = run.months.length;
  const name = when(run, view.month);
  at("scrub").value = view.month;
  at("scrub").setAttribute("aria-valuetext", `${name}, month ${view.month} of ${many}`);
  at("month-name").textContent = name[0].toUpperCase() + name.slice(1);
  at("month-count").textContent = `month ${view.month} of ${many}`;
  at("jump").value = run.marks.some((mark) => mark.month === view.month) ? view.month : "";
  at("speed").value = view.speed;
  for (const id of ["first", "back"]) at(id).setAttribute("aria-disabled", String(view.month === 0));
  for (const id of ["step", "end"]) at(id).setAttribute("aria-disabled", String(view.month === many));
}
