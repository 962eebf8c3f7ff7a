"use strict";
/* Live: the camera's pictures are asked about one after the other while a person moves. The next one leaves when the
   server should be done with the one before, so that the way there and back takes nothing from the pace; what the camera
   gives meanwhile is left out, and so is all while two have no answer yet. */
d2st.live = (() => {
  const APART = 125, SLOW = 1500, LOST = 10000, REST = 2000;  // milliseconds: between pictures, and until an answer is late, is given up, is asked for again
  const AHEAD = 2;  // pictures without an answer, at most
  const THUMBS = 10, SIZE = 96;  // pictures along the strip, and their height in pixels
  const GONE = "The camera was lost. Plug it in again, then start again.";
  const HIDDEN = "Live stopped while this tab was out of sight: nothing is filmed that nobody looks at.";
  const WAITING = "The answer is slow to come: the connection, or the server. Pictures are left out until it is there.";
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const root = document.documentElement;
  let place, answer, video, canvas, strip, send;
  let state = "off";  // "asking" for the camera, "on", "held" while a moment is chosen, "ended" with a sentence
  let stream = null, run = "", began = 0, paused = 0, held = 0, number = 0, flying = [], next = 0, due = 0, watcher = 0;
  let answers = [], chosen = null, drawn = null, showing = { layer: "", pathway: "" };
  const small = document.createElement("canvas");

  const $ = what => place.querySelector(what);
  const button = name => $(`[data-live=${name}]`);
  const seconds = () => +$("input[type=range]").value;
  const kept = () => +place.dataset.kept;
  const now = () => answers.at(-1)?.at ?? 0;
  const edge = () => calm.matches ? Math.ceil(now()) : now();  // of the strip, on the right

  /* ---- the camera ---- */
  async function start() {
    if (["asking", "on", "held"].includes(state) || root.classList.contains("filming")) return;
    reset();
    state = "asking";
    root.classList.add("living");
    note("Asking for the camera …");
    button("stop").focus();
    try {
      const opened = await d2st.camera.open();
      if (state !== "asking") { d2st.camera.close(opened); return; }
      stream = opened;
      stream.getVideoTracks()[0].addEventListener("ended", () => end(GONE));
      video.srcObject = stream;
      await video.play();
    } catch (error) {
      if (state === "asking") end(error.message);
      return;
    }
    if (document.hidden) { end(HIDDEN); return; }
    state = "on";
    run = Math.random().toString(36).slice(2);
    began = performance.now();
    note("");
    watcher = setInterval(look, 250);
    plan();
  }

  /* The camera is closed, and the server keeps none of its pictures. */
  function close(told = true) {
    clearTimeout(due);
    clearInterval(watcher);
    if (["on", "held"].includes(state) && told) send({ do: "leave", run }).catch(() => {});
    d2st.camera.close(stream);
    stream = video.srcObject = null;
    flying = [];
  }
  function end(sentence) {
    if (!["asking", "on", "held"].includes(state)) return;
    close();
    state = "ended";
    release();
    note(sentence, true);
    say("Live has stopped", "");
    bars(false);
    button("again").focus();
  }
  function stop(told = true) {
    close(told);
    state = "off";
    root.classList.remove("living");
    document.querySelector("#tools [data-here=live]").focus();
  }
  /* The stage is wanted for something else. */
  function leave() {
    if (state !== "off") stop();
  }
  function reset() {
    answers = []; chosen = drawn = null; held = next = 0;
    strip.replaceChildren();
    release();
    $(".pace").textContent = "";
    bars(false);
    say("", "");
    draw();
  }

  /* ---- a picture asks ---- */
  const since = () => (performance.now() - began - held) / 1000;
  function plan() {
    clearTimeout(due);
    if (state === "on" && flying.length < AHEAD) due = setTimeout(tick, Math.max(0, next - performance.now()));
  }
  function wait(long, from) {
    next = from + long;
    plan();
  }
  function tick() {
    const side = +place.dataset.side, at = since(), sent = performance.now();
    const { videoWidth: width, videoHeight: height } = video;
    if (!width) { wait(APART, sent); return; }
    Object.assign(small, { width: side, height: side }).getContext("2d").drawImage(video, 0, 0, side, side);
    const picture = small.toDataURL("image/jpeg", 0.85).split(",")[1];
    flying.push({ number: ++number, at, sent });
    thumbnail(at, width / height);
    send({ do: "watch", run, number, at, picture, width, height, seconds: seconds(), ...showing }).then(heard, () => lost(at));
    wait(APART, sent);
  }

  function heard(text) {
    const said = text && JSON.parse(text), asked = said && flying.find(each => each.number === said.number);
    if (!asked) return;
    flying = flying.filter(each => each.number > asked.number);  // an answer that a later one overtook tells nothing new
    if (!["on", "held"].includes(state)) return;
    const arrived = performance.now();
    note(said.problem || "");
    if (said.problem) { wait(REST, arrived); return; }
    wait(Math.max(APART, 1000 * said.took), (flying.at(-1) ?? asked).sent);
    const { at } = asked;
    answers.push({ at, took: arrived - asked.sent, arrived, said: said.said ?? "", start: said.start });
    while (answers[0].at < at - kept()) answers.shift();
    if (said.end !== undefined) shown(said);
    else say("", said.missing);
    move();
  }

  /* The connection, or the server, is gone: a picture comes back as an error. */
  function lost(at) {
    if (!flying.some(each => each.at === at)) return;
    flying = [];
    note(WAITING);
    wait(REST, performance.now());
  }

  /* Answers that are late. */
  function look() {
    const late = flying.length ? performance.now() - flying[0].sent : 0;
    if (late > SLOW) note(WAITING);
    if (late > LOST) { flying = []; plan(); }
  }

  /* ---- what is shown ---- */
  function note(sentence, again = false) {
    const where = $(".note"), text = where.querySelector("p");
    if (text.textContent !== sentence) text.textContent = sentence;
    where.hidden = !sentence;
    where.classList.toggle("whole", again || state === "asking");  // there is no picture to see
    button("again").hidden = !again;
  }
  function say(label, why) {
    const [first, second] = answer.querySelectorAll("p");
    if (first.textContent !== label) first.textContent = label;  // else it would be read out again and again
    first.classList.toggle("nothing", label === "Nothing yet");
    second.textContent = why;
    second.hidden = !why;
  }
  function bars(shown) {
    answer.querySelectorAll("[data-line], table").forEach(each => { each.hidden = !shown; });
  }
  function shown(said) {
    say(said.missing ? "" : said.said || "Nothing yet", said.missing);
    const table = answer.querySelector("table"), body = table.tBodies[0];
    bars(said.bars.length);
    const names = said.bars.map(([name]) => name);
    if (JSON.stringify(names) !== body.dataset.names) {
      body.dataset.names = JSON.stringify(names);
      body.replaceChildren(...names.map(name => {
        const row = document.createElement("tr");
        row.innerHTML = '<th scope="row"></th><td class="bar"><i></i></td><td></td>';
        row.firstChild.textContent = name;
        return row;
      }));
    }
    said.bars.forEach(([name, score, near], index) => {
      const row = body.rows[index];
      row.className = name === said.said ? "best" : "";
      row.querySelector("i").style.width = `${100 * near}%`;
      row.lastChild.textContent = score.toFixed(1).replace("-", "−");
    });
    choices(said);
    drawn = said.points && d2st.points.decoded(said.points);
    draw();
    const last = answers.slice(-8), rate = (last.length - 1) / ((last.at(-1).arrived - last[0].arrived) / 1000);
    if (last.length > 3) $(".pace").textContent = `${rate.toFixed(1)} answers a second, each ${(last.at(-1).took / 1000).toFixed(2)} s after its picture`;
  }
  function choices({ layers, pathways, points }) {
    const group = $("[role=group]"), list = $("select");
    if (group.children.length !== pathways.length) group.replaceChildren(...pathways.map(pathway => {
      const each = Object.assign(document.createElement("button"), { type: "button", textContent: pathway });
      each.addEventListener("click", () => { showing.pathway = pathway; });
      return each;
    }));
    if (list.options.length !== layers.length) list.replaceChildren(...layers.map(layer => new Option(layer, layer)));
    list.hidden = layers.length < 2;
    group.hidden = pathways.length < 2;
    for (const each of group.children) each.setAttribute("aria-pressed", String(each.textContent === points?.pathway));
    if (points && document.activeElement !== list) list.value = points.layer;
  }

  function draw() {
    d2st.points.draw(canvas, video, drawn, +place.dataset.side, place.classList.contains("mirrored"));
  }

  /* ---- the strip ---- */
  function thumbnail(at, shape) {
    const apart = kept() / THUMBS, slot = Math.floor(at / apart), last = strip.querySelector("canvas:last-of-type");
    if (last && +last.dataset.slot === slot) return;
    const picture = Object.assign(document.createElement("canvas"), { width: Math.round(SIZE * shape), height: SIZE });
    picture.getContext("2d").drawImage(video, 0, 0, picture.width, picture.height);
    picture.dataset.slot = slot;
    put(picture, slot * apart, apart);
    strip.append(picture);
  }
  function put(element, start, long) {
    element.style.setProperty("--at", start);
    element.style.setProperty("--long", long);
  }
  /* Answers that are alike and follow each other are one label. */
  function move() {
    const end = edge();
    strip.style.setProperty("--now", end);
    for (const each of strip.querySelectorAll("canvas")) if ((+each.dataset.slot + 1) * kept() / THUMBS < end - kept()) each.remove();
    const runs = [];
    for (const { at, said } of answers) {
      const before = runs.at(-1);
      if (before?.said === said) before.end = at;
      else {
        if (before) before.end = at;
        runs.push({ said, start: at, end: at });
      }
    }
    const told = runs.filter(run => run.said), labels = [...strip.querySelectorAll("span")];
    labels.slice(told.length).forEach(each => each.remove());
    told.forEach((run, index) => {
      const label = labels[index] || strip.appendChild(document.createElement("span"));
      if (label.textContent !== run.said) label.textContent = label.title = run.said;
      put(label, run.start, run.end - run.start);
    });
    if (chosen) frame();
  }

  /* ---- a moment is chosen: the camera waits ---- */
  function choose(at) {
    const whole = answers.filter(each => each.start >= now() - kept()), far = each => Math.abs(each.at - at);
    if (!whole.length || !["on", "held"].includes(state)) return;
    if (state === "on") { state = "held"; paused = performance.now(); clearTimeout(due); video.pause(); }
    chosen = whole.reduce((one, other) => far(other) < far(one) ? other : one);
    $(".chosen").hidden = false;
    $(".chosen span").textContent = `${(chosen.at - chosen.start).toFixed(1)} s, ${chosen.said ? `answered “${chosen.said}”` : "no answer"}`;
    frame();
    const ago = (now() - chosen.at).toFixed(1);
    strip.setAttribute("aria-valuenow", -ago);
    strip.setAttribute("aria-valuetext", `${ago} s ago, ${chosen.said || "nothing"}`);
  }
  function frame() {
    const mark = strip.querySelector("i") || strip.appendChild(document.createElement("i"));
    put(mark, chosen.start, chosen.at - chosen.start);
  }
  function release() {
    chosen = null;
    strip.querySelector("i")?.remove();
    strip.setAttribute("aria-valuenow", 0);
    strip.setAttribute("aria-valuetext", "now");
    $(".chosen").hidden = true;
  }
  function goOn() {
    if (state !== "held") return;
    release();
    state = "on";
    held += performance.now() - paused;  // the film goes on as if nothing had been between
    video.play();
    plan();
    strip.focus();
  }

  const does = {
    stop,
    again: start,
    on: goOn,
    mirror() {
      const on = place.classList.toggle("mirrored");
      button("mirror").setAttribute("aria-pressed", String(on));
      draw();
    },
    stage() {
      d2st.send({ do: "stretch", start: chosen.start, end: chosen.at });
      stop(false);  // the question itself ends Live on the server
    },
    async teach() {
      const { start, at: end } = chosen;
      const action = await d2st.arrange.ask("Make it an example of", "or of a new action", "", d2st.arrange.actions());
      if (!action) return;
      d2st.send({ do: "add-stretch", action, start, end });
      goOn();
    },
  };
  const keys = {
    ArrowLeft: at => at - 0.5, ArrowRight: at => at + 0.5, Home: () => answers[0].at, End: () => now(),
  };

  function mount(element, watch) {
    send = watch;
    place = element.querySelector(".live");
    answer = document.querySelector("#live-answer");
    [video, canvas, strip] = [$("video"), $(".picture canvas"), $(".moments")];
    place.addEventListener("click", event => does[event.target.dataset.live]?.());
    strip.addEventListener("click", event => {
      const box = strip.getBoundingClientRect();
      choose(edge() - kept() * (1 - (event.clientX - box.left) / box.width));
    });
    strip.addEventListener("keydown", event => {
      if (!keys[event.key] || !answers.length) return;
      event.preventDefault();
      choose(keys[event.key](chosen?.at ?? now()));
    });
    place.addEventListener("keydown", event => {
      if (event.key !== "Escape") return;
      if (state === "held") goOn();
      else stop();
    });
    $("input").addEventListener("input", () => { $("output").textContent = `${seconds()} s`; });
    $("select").addEventListener("change", event => { showing.layer = event.target.value; });
    document.addEventListener("click", event => event.target.closest?.("[data-do=lesson], [data-do=open-answer], [data-do=adapters], [data-go]") && leave());
    document.addEventListener("visibilitychange", () => document.hidden && end(HIDDEN));
    new ResizeObserver(draw).observe(canvas);
  }
  d2st.here.live = start;
  return { mount, leave };
})();
