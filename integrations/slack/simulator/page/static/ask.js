// Requests to the simulator. What is to be seen comes through the stream; an answer only says what went wrong.

const WORDS = {
  operation_timeout: "The app did not answer within three seconds (operation_timeout).",
  dispatch_failed: "The app could not be reached (dispatch_failed).",
};

export async function ask(name, body = {}, { quiet = false } = {}) {
  let answer;
  try {
    const response = await fetch(`/page/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Window": document.body.dataset.window },
      body: JSON.stringify(body),
    });
    answer = await response.json();
    if (response.status === 403) location.reload();
  } catch {
    answer = { error: "The workspace does not answer.", lost: true };
  }
  if (answer.error && (!quiet || answer.lost)) say(WORDS[answer.error] ?? answer.error);
  return answer;
}

export function say(text) {
  const toast = document.createElement("p");
  toast.className = "toast";
  toast.textContent = text;
  const place = document.querySelector("dialog[open] .working") ?? document.getElementById("toasts");
  place.replaceChildren(toast);
  setTimeout(() => toast.remove(), 8000);
}

// An element is busy as long as one of its requests is under way; it stays usable, as a second click is a second request.
export function busy(element, change) {
  const count = Number(element.dataset.busy ?? 0) + change;
  element.dataset.busy = count;
  element.classList.toggle("busy", count > 0);
  element.setAttribute("aria-busy", String(count > 0));
}

export function once(wait, task) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => task(...values), wait);
  };
}
