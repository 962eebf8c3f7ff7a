"use strict";
/* A whole set: folders and files are gone through, sent with their names, and the table of what was understood is
   mended here before it is sent back. */
d2st.intake = (() => {
  let send = () => {}, sending = false;
  const told = () => document.querySelector("#whole-set").dataset;
  const note = text => d2st.files.note("sending-set", text);

  /* Entries of a drop → [{file, name}], name with its folders. */
  async function walked(entry, folder = "") {
    const name = folder + entry.name;
    if (entry.isFile) return [{ file: await new Promise((done, failed) => entry.file(done, failed)), name }];
    const reader = entry.createReader(), found = [];
    for (;;) {  // a hundred at a time
      const some = await new Promise((done, failed) => reader.readEntries(done, failed));
      if (!some.length) return found;
      for (const each of some) found.push(...await walked(each, `${name}/`));
    }
  }

  const last = name => name.split("/").pop();
  const hidden = name => name.split("/").some(part => part.startsWith("."));
  const suffix = name => (/\.[^.]+$/.exec(last(name).toLowerCase()) || [""])[0];
  const wanted = name => !suffix(name) || told().suffixes.split(" ").includes(suffix(name));

  function tooMuch(clips) {
    const size = clips.reduce((sum, { file }) => sum + file.size, 0) / 1e6;
    if (clips.length > +told().files) return `These are ${clips.length} files, and ${told().files} is the most at once. Take fewer.`;
    if (size > +told().megabytes) return `These files have ${Math.ceil(size)} MB together, and ${told().megabytes} is the most. Take fewer.`;
    return "";
  }

  /* Files with their names → the server, one after the other; those that cannot be sent are named. */
  async function bring(found) {
    if (sending || !found.length) return;
    const seen = found.filter(({ name }) => !hidden(name));
    const clips = seen.filter(({ name }) => wanted(name)), others = seen.filter(({ name }) => !wanted(name));
    const problem = tooMuch(clips);
    if (problem) { note(problem); return; }
    sending = true;
    const files = [], names = [], lost = [];
    for (const [index, { file, name }] of clips.entries()) {
      note(`Sending ${index + 1} of ${clips.length}: ${last(name)} …`);
      try {
        files.push((await d2st.upload(file)).path);
        names.push(name.slice(0, 1000));
      } catch { lost.push(last(name)); }
    }
    sending = false;
    note(lost.length ? `${lost.length} could not be sent: ${lost.slice(0, 3).join(", ")}${lost.length > 3 ? " …" : ""}. They may be too large, or the connection was lost.` : "");
    d2st.send({ do: "bring", files, names, others: others.slice(0, 2000).map(({ name }) => name.slice(0, 1000)) });
  }

  const named = file => ({ file, name: file.webkitRelativePath || file.name });
  const input = Object.assign(document.createElement("input"), { type: "file", multiple: true, id: "chosen-folder", hidden: true, webkitdirectory: true });
  input.setAttribute("aria-hidden", "true");
  if (document.body) document.body.append(input);  // where Gradio has put this script into a page that stands
  else document.addEventListener("DOMContentLoaded", () => document.body.append(input));
  input.addEventListener("change", () => {
    bring([...input.files].map(named));
    input.value = "";
  });
  d2st.here["set-folder"] = () => input.click();
  d2st.here["set-files"] = () => d2st.files.choose(files => bring(files.map(named)));

  /* A drop that is a whole set wherever it falls: folders, archives, sessions; and files on no card in particular. */
  const places = "[data-drop], #new, #middle, .block:has(input[type=file])";
  document.addEventListener("drop", async event => {
    const files = [...event.dataTransfer?.files || []];
    if (!files.length) return;
    const entries = [...event.dataTransfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean);
    const whole = entries.some(entry => entry.isDirectory) || files.some(file => /\.(zip|npz)$/i.test(file.name));
    const loose = !event.target.closest?.(places);
    if (event.target.closest?.("#many-clips") || !(whole || loose)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.querySelectorAll(".dropping").forEach(each => each.classList.remove("dropping"));
    note("Looking through the files …");
    try {
      const found = entries.length ? (await Promise.all(entries.map(entry => walked(entry)))).flat() : files.map(named);
      await bring(found);
    } catch {
      sending = false;
      note("The browser could not read these files. Choose them with the buttons instead.");
    }
  }, true);
  document.addEventListener("dragover", event => event.dataTransfer?.types.includes("Files") && event.preventDefault());

  /* The table. A name in an action's own line is given to all of its clips that still had the one before. */
  const fields = form => [...form.querySelectorAll("tr[data-row]")].sort((one, other) => one.dataset.row - other.dataset.row);
  document.addEventListener("input", event => {
    if (!event.target.matches(".intake .whole")) return;
    const field = event.target, before = field.dataset.before ?? field.defaultValue;
    for (const each of field.closest("tbody").querySelectorAll("[name=action]")) if (each.value === before) each.value = field.value;
    field.dataset.before = field.value;
  });
  document.addEventListener("change", event => {
    if (!event.target.matches(".intake [name=role]")) return;
    event.target.closest("tr").querySelector("[name=action]").disabled = event.target.value !== "example";
  });
  document.addEventListener("submit", event => {
    if (!event.target.matches("form.intake")) return;
    event.preventDefault();
    const rows = fields(event.target);
    send({
      roles: rows.map(row => row.querySelector("[name=role]").value),
      actions: rows.map(row => row.querySelector("[name=action]").value),
    });
  });

  return {
    connect(element, trigger) {
      send = data => trigger("submit", data);
      new MutationObserver(() => element.querySelector(".intake")?.scrollIntoView({ block: "nearest" })).observe(element, { childList: true, subtree: true });
    },
    bring,
  };
})();
