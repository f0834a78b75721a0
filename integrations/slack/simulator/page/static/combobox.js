// Selects of all kinds: a text box over a list. Static lists are filtered here, external ones are asked of the app.

import { ask, once } from "./ask.js";
import { changed } from "./controls.js";
import { place } from "./menus.js";

let open = null;

const parts = (combo) => ({
  input: combo.querySelector("[role=combobox]"),
  list: combo.querySelector("[role=listbox]"),
  chips: combo.querySelector(".chips"),
});
const many = (combo) => "many" in combo.dataset;
const shown = (list) => [...list.querySelectorAll("[role=option]:not([hidden])")];
const chosen = (combo) => [...combo.querySelectorAll(".chip")].map((chip) => chip.dataset.value);

function show(combo) {
  const { input, list } = parts(combo);
  if (open && open !== combo) hide(open);
  open = combo;
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
  place(list, combo.querySelector(".combo-line"), { width: true });
}

export function hide(combo = open) {
  if (!combo) return false;
  const { input, list } = parts(combo);
  const was = !list.hidden;
  list.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
  input.value = many(combo) ? "" : (combo.querySelector(".chip")?.dataset.label ?? "");
  if (open === combo) open = null;
  return was;
}

function note(list, text) {
  const item = document.createElement("li");
  item.className = "list-note";
  item.textContent = text;
  list.append(item);
}

function filter(combo, query) {
  const { list } = parts(combo);
  const wanted = query.trim().toLowerCase();
  const taken = chosen(combo);
  list.querySelectorAll(".list-note").forEach((old) => old.remove());
  for (const option of list.querySelectorAll("[role=option]")) {
    option.hidden = !option.textContent.toLowerCase().includes(wanted);
    option.setAttribute("aria-selected", String(taken.includes(option.dataset.value)));
  }
  if (!shown(list).length) note(list, "Nothing found");
}

const fetchOptions = once(200, async (combo, query) => {
  const { input, list } = parts(combo);
  const target = JSON.parse(combo.closest("[data-target]").dataset.target);
  const block = combo.closest("[data-block]").dataset.block;
  const answer = await ask("suggest", { target, block, action: combo.dataset.action, query, list: input.id });
  if (combo !== open || combo.dataset.query !== query) return;
  list.innerHTML = answer.html ?? "";
  filter(combo, "");
  if (answer.error) list.querySelector(".list-note").textContent = "The options could not be loaded";
  activate(combo, 0);
  place(list, combo.querySelector(".combo-line"), { width: true });
});

function search(combo, query) {
  combo.dataset.query = query;
  const { list } = parts(combo);
  if (!("external" in combo.dataset)) {
    filter(combo, query);
    activate(combo, query ? 0 : -1);
    show(combo);
    return;
  }
  const least = Number(combo.dataset.least);
  list.replaceChildren();
  note(list, query.length < least ? `Type at least ${least} character${least === 1 ? "" : "s"}` : "Searching…");
  show(combo);
  if (query.length >= least) fetchOptions(combo, query);
}

function activate(combo, index) {
  const { input, list } = parts(combo);
  const options = shown(list);
  options.forEach((option, at) => option.classList.toggle("active", at === index));
  const option = options[index];
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function chip({ value, label }, removable) {
  const item = document.createElement("li");
  item.className = "chip";
  Object.assign(item.dataset, { value, label });
  if (removable) {
    const text = document.createElement("span");
    text.textContent = label;
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.unchoose = "";
    button.setAttribute("aria-label", `Remove ${label}`);
    button.textContent = "×";
    item.append(text, button);
  }
  return item;
}

function choose(combo, option) {
  const { input, chips } = parts(combo);
  const held = [...chips.children].find((one) => one.dataset.value === option.dataset.value);
  if (!many(combo)) {
    chips.replaceChildren(chip(option.dataset, false));
    hide(combo);
  } else if (held) {
    held.remove();
  } else if (!combo.dataset.most || chips.children.length < Number(combo.dataset.most)) {
    chips.append(chip(option.dataset, true));
  }
  if (many(combo)) {
    input.value = "";
    if ("external" in combo.dataset) hide(combo);
    else search(combo, "");
  }
  clearable(combo);
  changed(combo);
}

function clearable(combo) {
  combo.querySelector("[data-clear]").hidden = many(combo) || !("clearable" in combo.dataset) || !chosen(combo).length;
}

export function prepare(root) {
  root.querySelectorAll(".combo").forEach(clearable);
}

document.addEventListener("click", (event) => {
  const combo = event.target.closest(".combo");
  if (open && combo !== open) hide(open);
  if (!combo) return;
  const option = event.target.closest("[role=option]");
  const { input, list, chips } = parts(combo);
  if (option) {
    choose(combo, option);
    input.focus();
  } else if (event.target.closest("[data-unchoose]")) {
    event.target.closest(".chip").remove();
    changed(combo);
    input.focus();
  } else if (event.target.closest("[data-clear]")) {
    chips.replaceChildren();
    hide(combo);
    clearable(combo);
    changed(combo);
    input.focus();
  } else if (event.target.closest(".combo-line")) {
    input.focus();
    if (list.hidden) {
      input.select();
      search(combo, "");
    }
  }
});

// The focus stays in the text box while an option is pressed; it would close the list before the click arrives.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest(".combo [role=listbox]")) event.preventDefault();
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[role=combobox]")) search(event.target.closest(".combo"), event.target.value);
});

document.addEventListener("focusout", (event) => {
  const combo = event.target.closest(".combo");
  if (combo && event.relatedTarget && !combo.contains(event.relatedTarget)) hide(combo);
});

document.addEventListener("keydown", (event) => {
  if (!event.target.matches("[role=combobox]")) return;
  const combo = event.target.closest(".combo");
  const { input, list, chips } = parts(combo);
  const options = shown(list);
  const at = options.findIndex((option) => option.classList.contains("active"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (list.hidden) search(combo, "");
    const count = Math.max(1, shown(list).length);
    activate(combo, event.key === "ArrowDown" ? (at + 1) % count : (at - 1 + count) % count);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (!list.hidden && options[at]) choose(combo, options[at]);
    else if (list.hidden) search(combo, "");
  } else if (event.key === "Backspace" && input.value === "" && chips.lastElementChild && many(combo)) {
    chips.lastElementChild.remove();
    changed(combo);
  }
});

document.addEventListener("scroll", (event) => {
  if (open && !parts(open).list.contains(event.target)) place(parts(open).list, open.querySelector(".combo-line"), { width: true });
}, true);
