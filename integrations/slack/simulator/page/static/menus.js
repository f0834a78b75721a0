// Menus that open from a button: at most one at a time, placed where there is room, usable with the arrow keys.

let open = null;

export function place(list, anchor, { width = false } = {}) {
  // Out of the flow first: a list that still takes room would move the anchor that it is placed by.
  list.style.position = "fixed";
  list.style.left = "0";
  const box = anchor.getBoundingClientRect();
  if (width) list.style.width = `${box.width}px`;
  list.style.maxHeight = "";
  const size = list.getBoundingClientRect();
  const below = innerHeight - box.bottom - 8;
  const up = size.height > below && box.top > below;
  list.style.maxHeight = `${Math.max(120, Math.min(460, up ? box.top - 12 : below))}px`;
  const height = Math.min(size.height, parseFloat(list.style.maxHeight));
  list.style.top = `${up ? box.top - height - 4 : box.bottom + 4}px`;
  const left = width ? box.left : box.right - size.width;
  list.style.left = `${Math.max(8, Math.min(left, innerWidth - size.width - 8))}px`;
}

export function closeMenu({ refocus = false } = {}) {
  if (!open) return false;
  open.menu.hidden = true;
  open.button.setAttribute("aria-expanded", "false");
  if (refocus) open.button.focus();
  open = null;
  return true;
}

function items() {
  return [...open.menu.querySelectorAll("[role=menuitem]")];
}

function openMenu(button) {
  const menu = document.getElementById(button.dataset.menu);
  menu.hidden = false;
  button.setAttribute("aria-expanded", "true");
  open = { button, menu };
  place(menu, button);
  items()[0]?.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-menu]");
  const again = button && open?.button === button;
  closeMenu();
  if (button && !again) openMenu(button);
});

document.addEventListener("keydown", (event) => {
  if (!open) return;
  const all = items();
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    all.at(to % all.length)?.focus();
  } else if (event.key === "Tab") {
    closeMenu();
  }
});

document.addEventListener("scroll", (event) => open && !open.menu.contains(event.target) && closeMenu(), true);
addEventListener("resize", () => closeMenu());
