"use strict";
/* The secret by which a tab comes back to its visit after a reload: 256 random bits, kept for this tab alone. */
d2st.visit = (() => {
  const KEY = "d2st-visit";
  const ASKED = "Delete all that is kept of you here, at once and for good: clips, examples, answers?";

  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(32)), byte => byte.toString(16).padStart(2, "0")).join("");

  /* Whether no other tab has the secret: a tab that was duplicated has it too, and gets another one. The lock is
     held until this page is gone; after a reload it is free in a moment. */
  const alone = secret => new Promise(done => {
    if (!navigator.locks) { done(true); return; }
    navigator.locks.request(`${KEY} ${secret}`, { signal: AbortSignal.timeout(1500) }, () => {
      done(true);
      return new Promise(() => {});
    }).catch(() => done(false));
  });

  async function secret() {
    try {
      const kept = sessionStorage.getItem(KEY);
      if (kept && await alone(kept)) return kept;
      const made = fresh();
      sessionStorage.setItem(KEY, made);
      await alone(made);
      return made;
    } catch { return ""; }  // a browser that keeps nothing: each page begins anew
  }

  function forgotten() {
    try { sessionStorage.removeItem(KEY); } catch { /* nothing was kept */ }
    location.replace(location.pathname);
  }

  return {
    arrive: async (matching, centre) => [matching, centre, await secret()],
    forgotten,
    connect(trigger) {
      d2st.here["forget-everything"] = () => confirm(ASKED) && trigger("submit");
    },
  };
})();
