// What Block Kit's elements hold and do: reading their values, choosing in lists, pressing, confirming.

import { ask, busy } from "./ask.js";

const blockOf = (element) => element.closest("[data-block]").dataset.block;

export function value(control) {
  const kind = control.dataset.control;
  const input = control.querySelector("input, textarea");
  if (kind === "checkboxes") return [...control.querySelectorAll(":checked")].map((box) => box.value);
  if (kind === "radio_buttons") return control.querySelector(":checked")?.value ?? null;
  if (kind === "datetimepicker") return { moment: input.value || null };
  if (control.matches(".combo")) {
    const chosen = [...control.querySelectorAll(".chip")].map((chip) => chip.dataset.value);
    return "many" in control.dataset ? chosen : (chosen[0] ?? null);
  }
  return input.value === "" ? null : input.value;
}

// Values by block, of the fields of a form; elements outside fields report themselves when they change.
export function typed(form) {
  const controls = form?.querySelectorAll("[data-field] .control") ?? [];
  return Object.fromEntries([...controls].map((control) => [blockOf(control), value(control)]));
}

export async function act(element, details) {
  if (!(await agreed(element))) return;
  const holder = element.closest("[data-target]");
  const target = JSON.parse(holder.dataset.target);
  busy(element, 1);
  await ask("act", {
    target,
    block: blockOf(element),
    action: element.dataset.action,
    typed: target.view ? typed(holder) : {},
    ...details,
  });
  busy(element, -1);
}

// Slack's confirm object: nothing is sent unless the person says yes.
function agreed(element) {
  if (!element.dataset.confirm) return true;
  const words = JSON.parse(element.dataset.confirm);
  const dialog = document.getElementById("confirm");
  const part = (name) => document.getElementById(`confirm-${name}`);
  part("title").textContent = words.title;
  part("text").textContent = words.text;
  part("yes").textContent = words.yes || "Yes";
  part("no").textContent = words.no || "No";
  part("yes").className = `button ${words.style === "danger" ? "danger" : "primary"}`;
  dialog.returnValue = "no";
  dialog.showModal();
  part("yes").focus();
  return new Promise((settle) =>
    dialog.addEventListener("close", () => settle(dialog.returnValue === "yes"), { once: true }),
  );
}

export function changed(control) {
  const field = control.closest("[data-field]");
  if (field) complain(field, "");
  if (!field || "dispatch" in field.dataset) act(control, { kind: control.dataset.control, selected: value(control) });
}

export function complain(field, text) {
  field.classList.toggle("has-error", Boolean(text));
  field.querySelector(".error").textContent = text;
  field.querySelector("input, textarea")?.setAttribute("aria-invalid", String(Boolean(text)));
}

// What Slack's own client refuses before it asks the app.
export function fault(field) {
  const control = field.querySelector(".control");
  const held = value(control);
  const bare = held?.moment === null ? null : held;
  const { control: kind, min, low, high } = control.dataset;
  if (bare === null || bare.length === 0) {
    return "optional" in field.dataset ? "" : "Please complete this required field.";
  }
  const text = String(bare);
  if (min && text.length < Number(min)) return `Please enter at least ${min} characters.`;
  if (kind === "number_input") {
    const form = "decimal" in control.dataset ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
    if (!form.test(text)) return "decimal" in control.dataset ? "Please enter a number." : "Please enter a whole number.";
    if (low && Number(text) < Number(low)) return `Please enter ${low} or more.`;
    if (high && Number(text) > Number(high)) return `Please enter ${high} or less.`;
  }
  if (kind === "email_text_input" && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text)) return "Please enter an e-mail address.";
  if (kind === "url_text_input" && !/^https?:\/\/\S+$/.test(text)) return "Please enter an address that begins with http.";
  return "";
}

document.addEventListener("click", (event) => {
  const press = event.target.closest("[data-press]");
  if (press) {
    // A link opens by itself, and the app hears of it, as in Slack.
    act(press, { value: press.dataset.value || null });
    return;
  }
  const choice = event.target.closest("[data-choose]");
  if (choice) act(choice.closest("[data-control]"), { kind: "overflow", selected: choice.dataset.choose });
});

document.addEventListener("change", (event) => {
  const control = event.target.closest(".control:not(.combo)");
  const text = control?.matches("[data-control$=_input]");
  if (control && !text) changed(control);
});

document.addEventListener("input", (event) => {
  const field = event.target.closest(".field.has-error");
  if (field) complain(field, "");
  const control = event.target.closest("[data-dispatch] [data-dispatch-on~=on_character_entered]");
  if (control) changed(control);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.matches("textarea")) return;
  const control = event.target.closest("[data-dispatch] [data-dispatch-on~=on_enter_pressed]");
  if (!control) return;
  event.preventDefault();
  changed(control);
});
