"use strict";
/* The camera: a live picture, and clips recorded from it. */
d2st.camera = (() => {
  const KINDS = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"];
  const SAID = {
    NotAllowedError: "The browser may not use the camera here. Allow it in the address bar, then try again.",
    NotFoundError: "There is no camera on this computer. Plug one in, or choose a clip instead.",
    NotReadableError: "Another program uses the camera. Close that one, then try again.",
  };
  const HERE = "Cameras work only on this computer's own address or over https. Choose a clip instead.";
  const FAILED = "The camera could not be started. Choose a clip instead.";

  /* A stream of the camera. Throws an Error with a sentence for the person. */
  async function open() {
    if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) throw new Error(HERE);
    try {
      return await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 } } });
    } catch (error) {
      throw new Error(SAID[error.name] || FAILED);
    }
  }

  const close = stream => stream?.getTracks().forEach(track => track.stop());

  /* Records a stream until `until` resolves → a File. */
  async function record(stream, until, name = "recording") {
    const kind = KINDS.find(each => MediaRecorder.isTypeSupported(each)) || "";
    const recorder = new MediaRecorder(stream, kind ? { mimeType: kind } : {});
    const pieces = [];
    recorder.ondataavailable = event => pieces.push(event.data);
    const over = new Promise(done => { recorder.onstop = done; });
    recorder.start();
    await until;
    recorder.stop();
    await over;
    const type = recorder.mimeType.split(";")[0] || "video/webm";
    const time = new Date().toTimeString().slice(0, 8).replaceAll(":", ".");
    return new File(pieces, `${name} ${time}.${type.endsWith("mp4") ? "mp4" : "webm"}`, { type });
  }

  const seconds = n => new Promise(done => setTimeout(done, 1000 * n));

  /* The stage's own camera: a live picture with Record and Stop. */
  function mount(place) {
    const video = place.querySelector("video"), said = place.querySelector("p");
    const [recordButton, closeButton] = place.querySelectorAll("button");
    let stream = null, stop = null;

    async function start() {
      d2st.live.leave();
      place.hidden = false;
      said.textContent = "Asking for the camera …";
      recordButton.disabled = true;
      document.documentElement.classList.add("filming");
      try {
        stream = await open();
        video.srcObject = stream;
        await video.play();
        said.textContent = "";
        recordButton.disabled = false;
        recordButton.focus();
      } catch (error) {
        said.textContent = error.message;
        closeButton.focus();
      }
    }

    function end() {
      stop?.(false);
      close(stream);
      stream = video.srcObject = null;
      place.hidden = true;
      document.documentElement.classList.remove("filming");
      document.querySelector("[data-here=camera]").focus();
    }

    recordButton.addEventListener("click", async () => {
      if (stop) { stop(true); return; }
      recordButton.textContent = "Stop";
      said.textContent = "Recording …";
      let wanted = true;
      const file = await record(stream, new Promise(done => { stop = keep => { wanted = keep; done(); }; }));
      stop = null;
      recordButton.textContent = "Start recording";
      if (!wanted) return;
      end();
      d2st.files.ask([file]);
    });
    closeButton.addEventListener("click", end);
    place.addEventListener("keydown", event => event.key === "Escape" && end());
    d2st.here.camera = start;
  }

  return { open, close, record, seconds, mount };
})();
