// The stack of modals: a native dialog keeps the focus in and the rest of the page out; the server says what is in it.

import { ask } from "./ask.js";
import { complain, fault, typed } from "./controls.js";
import { prepare } from "./combobox.js";

const dialog = document.getElementById("modal");
let before = null;
let top = "";
let submitted = "";

const last = () => [...dialog.querySelectorAll(".view")].at(-1);

// Brings the dialog in line with what the stream has drawn into it.
export function sync() {
  const view = last();
  if (!view) {
    if (dialog.open) dialog.close();
    if (top) (before?.isConnected ? before : document.getElementById("composer"))?.focus();
    top = "";
    return;
  }
  prepare(view);
  if (!dialog.open) {
    before = document.activeElement;
    dialog.showModal();
  }
  dialog.setAttribute("aria-labelledby", view.getAttribute("aria-labelledby"));
  if (view.id !== top) {
    top = view.id;
    view.querySelector(".modal-body").scrollTop = 0;
    enter(view);
  } else if (submitted === view.id && view.querySelector(".has-error")) {
    submitted = "";
    firstFault(view);
  } else if (!view.contains(document.activeElement) && !document.getElementById("confirm").open) {
    // The app has replaced what had the focus.
    enter(view);
  }
}

function enter(view) {
  const first = view.querySelector("[autofocus]") ?? view.querySelector(".control input, .control textarea");
  (first ?? view.querySelector("h2")).focus();
}

function firstFault(view) {
  const field = view.querySelector(".has-error");
  field?.querySelector("input, textarea")?.focus();
  field?.scrollIntoView({ block: "nearest" });
}

function close(view, everything) {
  return ask("close", { view: view.dataset.view, everything }, { quiet: true });
}

export function closeTop() {
  const view = last();
  if (view) close(view, false);
}

async function submit(view) {
  const fields = [...view.querySelectorAll("[data-field]")];
  const faults = fields.map((field) => [field, fault(field)]);
  faults.forEach(([field, text]) => complain(field, text));
  if (faults.some(([, text]) => text)) return firstFault(view);
  const button = view.querySelector("[type=submit]");
  const status = view.querySelector(".working");
  view.setAttribute("aria-busy", "true");
  button.classList.add("busy");
  status.textContent = "Working…";
  submitted = view.id;
  const answer = await ask("submit", { view: view.dataset.view, typed: typed(view) }, { quiet: true });
  view.removeAttribute("aria-busy");
  button.classList.remove("busy");
  status.textContent = "";
  const problem = view.querySelector(".problem");
  if (answer.error && problem.textContent === "" && !Object.keys(answer.errors ?? {}).length) {
    problem.textContent = answer.status === undefined ? answer.error : `We had some trouble connecting (${answer.error}). Try again?`;
  }
}

dialog.addEventListener("submit", (event) => {
  event.preventDefault();
  const view = event.target.closest(".view");
  if (!view.hasAttribute("aria-busy")) submit(view);
});

dialog.addEventListener("click", (event) => {
  const view = event.target.closest(".view");
  if (event.target.closest("[data-close-view]")) close(view, false);
  if (event.target.closest("[data-close-all]")) close(view, true);
});

// The browser may close the dialog by itself; the app then hears of it as of the X.
dialog.addEventListener("cancel", (event) => event.preventDefault());
dialog.addEventListener("close", () => last() && close(last(), true));
