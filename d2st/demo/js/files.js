"use strict";
/* Files that a person chose, dropped or recorded go through Gradio's upload route, then to the server as an event. */
d2st.files = (() => {
  /* A sentence at the place of that id; none where it is empty. */
  function note(id, text) {
    const place = document.getElementById(id);
    place.textContent = text;
    place.hidden = !text;
  }

  /* Files → paths on the server. Those that cannot be sent are said at the place of that id. */
  async function sent(files, id) {
    note(id, files.length > 1 ? `Sending ${files.length} clips …` : `Sending ${files[0].name} …`);
    const paths = [], said = [];
    for (const file of files) {
      try { paths.push((await d2st.upload(file)).path); }
      catch (error) { said.push(`'${file.name}' could not be sent: it may be too large, or the connection was lost.`); }
    }
    note(id, said.join(" "));
    return paths;
  }

  async function ask(files) {
    const paths = await sent([...files], "sending-query");
    d2st.live.leave();
    if (paths.length) d2st.send({ do: "ask", files: paths });
  }

  async function add(action, files) {
    const paths = await sent([...files], "sending-examples");
    if (paths.length) d2st.send({ do: "add", action, files: paths });
  }

  /* Opens the browser's own dialog; whatever the file is, the server's reader says whether it can be read. */
  const input = Object.assign(document.createElement("input"), { type: "file", multiple: true, id: "chosen-files", hidden: true });
  if (document.body) document.body.append(input);  // where Gradio has put this script into a page that stands
  else document.addEventListener("DOMContentLoaded", () => document.body.append(input));
  let taken = () => {};
  input.addEventListener("change", () => {
    if (input.files.length) taken([...input.files]);
    input.value = "";
  });
  function choose(then) {
    taken = then;
    input.click();
  }

  /* The form for a new action. The name stays in it until there is a card of this name. */
  const field = () => document.querySelector("#action-name");
  const typed = () => field().value.trim();
  function addNew(files) {
    if (typed()) add(typed(), files);
    else askForName();
  }
  function askForName() {
    note("sending-examples", "An action needs a name. Type one, such as 'wave'.");
    field().focus();
  }
  d2st.here["query-files"] = () => choose(ask);
  d2st.here["new-files"] = () => (typed() ? choose(addNew) : askForName());
  d2st.here["new-query"] = () => (typed() ? d2st.send({ do: "add-query", action: typed() }) : askForName());
  document.addEventListener("submit", event => {
    if (!event.target.matches(".new")) return;
    event.preventDefault();
    d2st.here["new-files"]();
  });
  document.addEventListener("input", event => event.target.id === "action-name" && note("sending-examples", ""));
  function watchCards(element) {
    new MutationObserver(() => {
      const names = [...element.querySelectorAll(".card")].map(card => card.dataset.name);
      if (names.includes(typed())) field().value = "";
    }).observe(element, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-name"] });
  }

  /* Where files can be dropped: elements that say so, the stage, and the form for a new action. */
  const place = target => target.closest?.("[data-drop], #middle");
  const show = where => {
    document.querySelectorAll(".dropping").forEach(each => each !== where && each.classList.remove("dropping"));
    where?.classList.add("dropping");
  };
  document.addEventListener("dragover", event => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    const where = place(event.target);
    show(where);
    if (where) event.preventDefault();
  });
  document.addEventListener("dragleave", event => event.relatedTarget || show(null));
  document.addEventListener("drop", event => {
    const where = place(event.target);
    show(null);
    if (!where || !event.dataTransfer.files.length) return;
    event.preventDefault();
    const files = [...event.dataTransfer.files];
    if (where.dataset.drop === "add") add(where.dataset.action, files);
    else if (where.dataset.drop === "new") addNew(files);
    else ask(files);
  });

  return { ask, add, choose, sent, note, watchCards };
})();
