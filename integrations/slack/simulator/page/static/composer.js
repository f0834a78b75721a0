// The message box: sending, drafts, completion of commands, people and channels, and editing one's own messages.

import { ask, say } from "./ask.js";
import { place } from "./menus.js";

const drafts = new Map();
const RECENT = 5;
const OWN = [
  ["/invite", "@name", "Add somebody, or the app, to this channel"],
  ["/join", "#channel", "Join a channel"],
  ["/leave", "", "Leave this channel"],
];

const formOf = (box) => box.closest("[data-composer]");
const keyOf = (form) => `${form.dataset.channel}|${form.dataset.thread}`;
const listOf = (box) => document.getElementById(box.getAttribute("aria-controls"));
const storage = () => `recent:${document.body.dataset.as}`;
const recent = () => JSON.parse(localStorage.getItem(storage()) ?? "[]");

function grow(box) {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 220)}px`;
}

export function restore() {
  for (const form of document.querySelectorAll("[data-composer]")) {
    const box = form.querySelector("textarea");
    if (!box.value && drafts.has(keyOf(form))) box.value = drafts.get(keyOf(form));
    grow(box);
  }
}

export function fill(text) {
  const box = document.getElementById("composer");
  if (!box) return;
  box.value = text;
  drafts.set(keyOf(formOf(box)), text);
  grow(box);
  box.focus();
}

async function send(form) {
  const box = form.querySelector("textarea");
  const text = box.value.trim();
  if (!text) return;
  hide(box);
  box.value = "";
  drafts.delete(keyOf(form));
  grow(box);
  const { channel, thread, command } = form.dataset;
  const isCommand = text === command || text.startsWith(`${command} `);
  if (isCommand) localStorage.setItem(storage(), JSON.stringify([text, ...recent().filter((old) => old !== text)].slice(0, 20)));
  // What becomes of the app's own command is said in the conversation, as Slack does.
  document.dispatchEvent(new Event("sent"));
  const answer = await ask("send", { text, channel, thread }, { quiet: isCommand });
  const refused = answer.error && answer.status === undefined;
  if (refused && isCommand && !answer.lost) say(answer.error);
  if ((refused || answer.lost) && !box.value) {
    box.value = text;
    grow(box);
  }
}

function commands(form, text) {
  const { command, hint, about } = form.dataset;
  const known = [[command, hint, about], ...OWN].filter(([name]) => name.startsWith(text) && name !== text);
  const used = recent().filter((old) => old.startsWith(text) && old !== text && text.length > 1);
  return [
    ...known.map(([name, usage, words]) => ({ text: `${name} `, label: name, hint: usage, about: words })),
    ...used.slice(0, RECENT).map((old) => ({ text: old, label: old, hint: "", about: "used before" })),
  ];
}

function names(kind, text) {
  const wanted = text.toLowerCase();
  const links = kind === "@" ? document.querySelectorAll("#people a") : document.querySelectorAll("#sidebar .row");
  const found = [...links].map((link) =>
    kind === "@"
      ? { name: new URL(link.href).searchParams.get("as"), about: link.querySelector(".who > span").textContent }
      : { name: link.querySelector(".sign")?.textContent.trim() === "@" || link.querySelector(".avatar") ? "" : link.querySelector(".row-name").firstChild.textContent.trim(), about: "" },
  );
  if (kind === "@") found.push({ name: document.querySelector("[data-command]")?.dataset.command.slice(1), about: "the app" });
  return found
    .filter(({ name, about }) => name && name !== text && (name.toLowerCase().startsWith(wanted) || about.toLowerCase().startsWith(wanted)))
    .slice(0, 8)
    .map(({ name, about }) => ({ label: `${kind}${name}`, hint: "", about, name: `${kind}${name} ` }));
}

function suggestions(box) {
  const before = box.value.slice(0, box.selectionStart);
  const form = formOf(box);
  const usage = form.dataset.command;
  if (/^\/\S*( .*)?$/.test(box.value)) {
    const found = commands(form, box.value);
    if (!found.length && box.value === `${usage} ` && form.dataset.hint) {
      return [{ label: usage, hint: form.dataset.hint, about: form.dataset.about, text: null }];
    }
    if (found.length || !/[@#]\S*$/.test(before)) return found;
  }
  const token = /(^|\s)([@#])([\w.-]*)$/.exec(before);
  return token ? names(token[2], token[3]).map((one) => ({ ...one, from: before.length - token[3].length - 1 })) : [];
}

function complete(box) {
  const list = listOf(box);
  const found = suggestions(box);
  list.replaceChildren(
    ...found.map((one, index) => {
      const item = document.createElement("li");
      item.role = "option";
      item.id = `${list.id}-${index}`;
      const label = document.createElement("strong");
      label.textContent = one.label;
      const hint = document.createElement("span");
      hint.textContent = ` ${one.hint ?? ""}`;
      const about = document.createElement("small");
      about.textContent = one.about ?? "";
      item.append(label, hint, about);
      item.suggestion = one;
      return item;
    }),
  );
  list.hidden = !found.length;
  if (!found.length) return hide(box);
  place(list, formOf(box), { width: true });
  const partial = !box.value.includes(" ") || found[0].from !== undefined;
  activate(box, partial && found[0].text !== null ? 0 : -1);
}

function activate(box, index) {
  const items = [...listOf(box).children];
  items.forEach((item, at) => {
    item.classList.toggle("active", at === index);
    item.setAttribute("aria-selected", String(at === index));
  });
  if (items[index]) box.setAttribute("aria-activedescendant", items[index].id);
  else box.removeAttribute("aria-activedescendant");
}

function hide(box) {
  const list = listOf(box);
  const was = !list.hidden;
  list.hidden = true;
  box.removeAttribute("aria-activedescendant");
  return was;
}

function take(box, item) {
  const { text, name, from } = item.suggestion;
  if (text === null) return;
  if (from === undefined) {
    box.value = text;
  } else {
    const end = box.selectionStart;
    box.value = box.value.slice(0, from) + name + box.value.slice(end);
    box.setSelectionRange(from + name.length, from + name.length);
  }
  drafts.set(keyOf(formOf(box)), box.value);
  grow(box);
  complete(box);
}

function keys(event, box) {
  const list = listOf(box);
  const items = list.hidden ? [] : [...list.children];
  const at = items.findIndex((item) => item.classList.contains("active"));
  if (items.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    activate(box, (at + (event.key === "ArrowDown" ? 1 : -1) + items.length + (at < 0 && event.key === "ArrowUp" ? 1 : 0)) % items.length);
  } else if (items.length && (event.key === "Tab" || event.key === "Enter") && !event.shiftKey && (at >= 0 || event.key === "Tab") && items[Math.max(at, 0)].suggestion.text !== null) {
    event.preventDefault();
    take(box, items[Math.max(at, 0)]);
  } else if (event.key === "Escape" && hide(box)) {
    event.preventDefault();
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send(formOf(box));
  } else if (event.key === "ArrowUp" && box.value === "") {
    const log = document.getElementById(formOf(box).dataset.thread ? "thread-log" : "log");
    const mine = [...log.querySelectorAll(".message.mine[data-raw]")].at(-1);
    if (mine) {
      event.preventDefault();
      edit(mine);
    }
  }
}

export function edit(article) {
  const entry = article.closest(".entry");
  const content = article.querySelector(".content");
  if (!content || entry.classList.contains("editing")) return;
  const { channel, ts } = JSON.parse(article.dataset.target);
  const form = document.createElement("form");
  form.className = "edit-form";
  const box = document.createElement("textarea");
  box.setAttribute("aria-label", "Edit your message");
  box.value = article.dataset.raw;
  const foot = document.createElement("div");
  foot.className = "edit-foot";
  const cancel = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: "Cancel" });
  const save = Object.assign(document.createElement("button"), { type: "submit", className: "button primary", textContent: "Save changes" });
  foot.append(cancel, save);
  form.append(box, foot);
  entry.classList.add("editing");
  content.hidden = true;
  content.after(form);
  grow(box);
  box.focus();
  const done = () => {
    form.remove();
    content.hidden = false;
    entry.classList.remove("editing");
    document.getElementById(entry.closest("#thread") ? "reply" : "composer")?.focus();
  };
  cancel.onclick = done;
  form.onsubmit = (event) => {
    event.preventDefault();
    const text = box.value.trim();
    done();
    if (text && text !== article.dataset.raw) ask("edit", { channel, ts, text });
  };
  box.oninput = () => grow(box);
  box.onkeydown = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      done();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  };
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-composer] textarea")) return;
  drafts.set(keyOf(formOf(event.target)), event.target.value);
  grow(event.target);
  complete(event.target);
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches("[data-composer] textarea")) keys(event, event.target);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-composer]")) return;
  event.preventDefault();
  send(event.target);
});

document.addEventListener("mousedown", (event) => {
  const item = event.target.closest(".completion [role=option]");
  if (!item) return;
  event.preventDefault();
  take(item.closest("[data-composer]").querySelector("textarea"), item);
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches("[data-composer] textarea")) hide(event.target);
});
