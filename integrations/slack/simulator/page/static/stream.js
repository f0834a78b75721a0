// Applies the server's drawing instructions, in their order. Nothing else changes what the window shows of the workspace.

import { Idiomorph } from "./vendor/idiomorph.js";

const find = (id) => document.getElementById(id);
const BOTTOM = 60;

// What a person has typed or opened is theirs: it survives as long as the app's definition of the element stays the same.
function keeps(old, fresh) {
  if (!(old instanceof Element) || !(fresh instanceof Element)) return false;
  if (old.classList.contains("editing")) return true;
  if (old.dataset.mark) return old.id === fresh.id && old.dataset.mark === fresh.dataset.mark;
  const composer = old.matches("[data-composer]") && fresh.matches("[data-composer]");
  return composer && old.dataset.channel === fresh.dataset.channel && old.dataset.thread === fresh.dataset.thread;
}

const settings = {
  morphStyle: "outerHTML",
  callbacks: {
    beforeNodeMorphed: (old, fresh) => !keeps(old, fresh),
    beforeAttributeUpdated: (name, node) => !(name === "open" && node.matches("details, dialog")),
  },
};

function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.children];
}

function morph(id, html) {
  const old = find(id);
  const [fresh] = parsed(html);
  if (old && fresh) Idiomorph.morph(old, fresh, settings);
}

function toBottom(scroll) {
  if (scroll) scroll.scrollTop = scroll.scrollHeight;
}

function atBottom(scroll) {
  return scroll && scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < BOTTOM;
}

function upsert({ list, html }) {
  const log = find(list);
  const [fresh] = parsed(html);
  if (!log || !fresh) return;
  const old = find(fresh.id);
  const scroll = log.closest(".scroll");
  const stick = atBottom(scroll);
  if (old) {
    Idiomorph.morph(old, fresh, settings);
  } else {
    const entries = [...log.children];
    const after = entries.findLastIndex((entry) => entry.dataset.ts < fresh.dataset.ts);
    if (after < 0) log.prepend(fresh);
    else entries[after].after(fresh);
  }
  if (stick || (!old && fresh.querySelector(".mine, .ephemeral"))) toBottom(scroll);
}

const deeds = {
  morph({ id, html }) {
    const stick = atBottom(find("scroll"));
    morph(id, html);
    if (stick) toBottom(find("scroll"));
  },
  swap({ id, html }) {
    const [fresh] = parsed(html);
    find(id)?.replaceWith(fresh);
    fresh.querySelectorAll(".scroll:not(.home)").forEach(toBottom);
  },
  older({ id, html }) {
    const scroll = find(id);
    const before = scroll.scrollHeight - scroll.scrollTop;
    morph(id, html);
    scroll.scrollTop = scroll.scrollHeight - before;
  },
  upsert,
  gone: ({ id }) => find(id)?.remove(),
  title: ({ text }) => (document.title = text),
  address({ url }) {
    if (location.pathname + location.search !== url) history.pushState({}, "", url);
  },
  reload: () => location.reload(),
};

export function follow(drawn) {
  document.querySelectorAll(".scroll:not(.home)").forEach(toBottom);
  const source = new EventSource(`/page/stream/${document.body.dataset.window}`);
  source.onmessage = ({ data }) => {
    for (const instruction of JSON.parse(data)) {
      deeds[instruction.do](instruction);
      drawn(instruction);
    }
  };
  source.onopen = () => {
    document.body.classList.remove("offline");
    document.body.dataset.live = "";
  };
  source.onerror = () => document.body.classList.add("offline");
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}
