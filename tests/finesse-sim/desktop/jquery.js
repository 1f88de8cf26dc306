// In the place of jQuery: as much as a gadget needs that only waits for its page.
(function (window) {
  "use strict";

  function ready(handler) {
    if (window.document.readyState === "loading") {
      window.document.addEventListener("DOMContentLoaded", function () { handler(window.jQuery); });
    } else {
      window.setTimeout(function () { handler(window.jQuery); }, 0);
    }
  }

  window.jQuery = window.$ = function (what) {
    if (typeof what === "function") { ready(what); return undefined; }
    return { ready: ready, length: what === window.document ? 1 : window.document.querySelectorAll(what).length };
  };
  window.jQuery.fn = { jquery: "0.0.0-finesse-sim" };
  window.jQuery.extend = Object.assign;
}(window));
