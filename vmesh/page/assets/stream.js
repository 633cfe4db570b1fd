// What the server sends, for as long as the page is open: a connection that is lost is made anew, ever more patiently.

const FIRST_WAIT = 500; // ms
const LONGEST_WAIT = 15000;
const STALE = 15000; // nothing came for so long: the connection is taken for lost

/** `on`: {begin, past, view, trouble, connection}; connection gets ("live" | "lost" | "connecting", words). */
export function watch(on) {
  let source = null, wait = FIRST_WAIT, timer = 0, last = 0;

  const heard = handler => event => {
    last = performance.now();
    wait = FIRST_WAIT;
    handler(JSON.parse(event.data));
  };

  function connect() {
    clearTimeout(timer);
    source?.close();
    last = performance.now();
    source = new EventSource("live");
    source.addEventListener("begin", heard(on.begin));
    source.addEventListener("past", heard(on.past));
    source.addEventListener("view", heard(content => { on.connection("live", "live"); on.view(content); }));
    source.addEventListener("trouble", heard(content => on.connection("lost", content.error ?? "the mesh does not answer")));
    source.addEventListener("refused", event => { later(LONGEST_WAIT, JSON.parse(event.data).error); });
    source.addEventListener("error", () => later(wait, "connection lost"));
  }

  function later(delay, words) {
    source?.close();
    clearTimeout(timer);
    on.connection("lost", `${words}; trying again`);
    timer = setTimeout(connect, delay * (0.8 + 0.4 * Math.random()));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  setInterval(() => { if (source?.readyState === EventSource.OPEN && performance.now() - last > STALE) later(0, "nothing was heard"); }, 3000);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", event => { if (event.persisted) connect(); });
  addEventListener("online", () => { if (source?.readyState === EventSource.CLOSED) connect(); });
  connect();
}

/** Asks the server; what goes wrong is an Error with one line for a person. */
export async function ask(path, content) {
  const options = content === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) };
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("the page's server does not answer; is the mesh still running?");
  }
  const text = await response.text();
  let answer;
  try { answer = JSON.parse(text); } catch { throw new Error(text.trim().slice(0, 300) || `the server answered ${response.status}`); }
  if (!response.ok) throw new Error(answer.error ?? `the server answered ${response.status}`);
  return answer;
}
