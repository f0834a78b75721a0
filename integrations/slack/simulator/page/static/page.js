// Wires the page together: moving between conversations, what can be done with a message, and the keys that work anywhere.

import { ask, say } from "./ask.js";
import { hide as hideList, prepare } from "./combobox.js";
import { edit, fill, restore } from "./composer.js";
import { closeMenu } from "./menus.js";
import { closeTop, sync } from "./modals.js";
import { follow } from "./stream.js";

const find = (id) => document.getElementById(id);
const narrow = matchMedia("(max-width: 760px)");
let opener = null;

function go(channel, tab = "", thread = "") {
  drawer(false);
  return ask("go", { channel, tab, thread }, { quiet: true });
}

function here() {
  const main = find("main");
  return [main.dataset.channel, main.dataset.tab];
}

function drawer(open) {
  document.body.classList.toggle("drawer", open);
  find("drawer-button").setAttribute("aria-expanded", String(open));
  if (open) document.querySelector("#sidebar a")?.focus();
}

// A newcomer sees the panel until they have sent something; whoever opens or closes it decides for themselves.
function tryPanel(open, remember = true) {
  find("try").hidden = !open;
  find("try-button").setAttribute("aria-expanded", String(open));
  if (remember) localStorage.setItem("try", open ? "open" : "closed");
}

function drawn(instruction) {
  if (instruction.id === "modals") sync();
  if (instruction.id === "main" || instruction.id === "thread" || instruction.id === "home") {
    prepare(find(instruction.id));
    restore();
  }
  if (instruction.do !== "swap" || find("modal").open) return;
  if (instruction.id === "main" && !narrow.matches) (find("composer") ?? find("home"))?.focus({ preventScroll: true });
  if (instruction.id === "thread") {
    const reply = find("reply");
    if (reply) {
      reply.focus({ preventScroll: true });
    } else {
      (opener?.isConnected ? opener : find("composer"))?.focus({ preventScroll: true });
      opener = null;
    }
  }
}

const messageOf = (element) => JSON.parse(element.closest("[data-target]").dataset.target);

const deeds = {
  "[data-go]": (link) => {
    if (link.dataset.thread) opener = link;
    go(link.dataset.channel, link.dataset.tab, link.dataset.thread);
  },
  "[data-close-thread]": () => go(...here()),
  "[data-earlier]": () => ask("older"),
  "[data-join]": () => ask("join"),
  "[data-dismiss]": (button) => ask("dismiss", messageOf(button)),
  "[data-shortcut]": (button) => ask("shortcut", { ...messageOf(button), shortcut: button.dataset.shortcut }),
  "[data-edit]": (button) => edit(button.closest(".message")),
  "[data-delete]": (button) => ask("delete", messageOf(button)),
  "[data-copy]": async (button) => {
    await navigator.clipboard.writeText(button.closest(".message").querySelector(".content")?.innerText ?? "");
    say("Copied.");
  },
  "[data-fill]": (button) => {
    if (narrow.matches) tryPanel(false);
    fill(button.dataset.fill);
  },
  "#drawer-button": () => drawer(!document.body.classList.contains("drawer")),
  "#try-button": () => tryPanel(find("try").hidden),
  "#try-close": () => {
    tryPanel(false);
    find("try-button").focus();
  },
  "#theme-button": () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
  },
};

document.addEventListener("click", (event) => {
  for (const [selector, deed] of Object.entries(deeds)) {
    const element = event.target.closest(selector);
    if (!element) continue;
    if (element.matches("a") && (event.ctrlKey || event.metaKey || event.shiftKey)) return;
    event.preventDefault();
    deed(element);
    return;
  }
  if (document.body.classList.contains("drawer") && !event.target.closest("#sidebar")) drawer(false);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) {
    if (find("confirm").open) return;
    if (closeMenu({ refocus: true }) || hideList()) event.preventDefault();
    else if (find("modal").open) {
      event.preventDefault();
      closeTop();
    } else if (document.body.classList.contains("drawer")) {
      drawer(false);
      find("drawer-button").focus();
    } else if (!find("thread").hidden) go(...here());
  }
  const roams = event.target.matches?.(".scroll, .message") && (event.key === "ArrowUp" || event.key === "ArrowDown");
  if (roams) {
    const scroll = event.target.closest(".scroll");
    const all = [...scroll.querySelectorAll(".message")];
    if (!all.length) return;
    event.preventDefault();
    const at = all.indexOf(event.target);
    const to = at < 0 ? all.length - 1 : at + (event.key === "ArrowUp" ? -1 : 1);
    all[Math.max(0, Math.min(all.length - 1, to))].focus();
  }
});

addEventListener("popstate", () => {
  const query = new URLSearchParams(location.search);
  go(query.get("c") ?? "", query.get("tab") ?? "", query.get("thread") ?? "");
});

if (localStorage.getItem("try") !== "closed" && !narrow.matches) tryPanel(true, false);
document.addEventListener("sent", () => localStorage.getItem("try") ?? tryPanel(false));
prepare(document);
sync();
if (!narrow.matches && !find("modal").open) find("composer")?.focus({ preventScroll: true });
follow(drawn);
