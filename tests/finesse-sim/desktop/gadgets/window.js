// gadgets.window and what Finesse adds to a gadget's frame (Finesse notes 3.2, 4.1).
(function (window) {
  "use strict";

  var gadgets = window.gadgets;

  function ask(type, data) {
    window.parent.postMessage({ frame: { type: type, mid: gadgets.sim.start().mid, data: data } }, window.location.origin);
  }

  gadgets.window = {
    // Without effect while the tab is not shown: everything is 0 high then.
    adjustHeight: function (height) {
      var wanted = typeof height === "number" ? height : window.document.body.scrollHeight;
      if (wanted > 0 && window.innerWidth > 0) { ask("height", wanted); }
    },
    setTitle: function (title) { ask("title", String(title)); },
    getViewportDimensions: function () { return { width: window.innerWidth, height: window.innerHeight }; }
  };

  gadgets.loadingindicator = {
    showLoading: function () { ask("loading", true); },
    dismiss: function () { ask("loading", false); }
  };

  var finesse = (window.finesse = window.finesse || {});
  finesse.container = finesse.container || {};
  try {
    finesse.container.Config = window.parent.finesse.container.Config;
  } catch (e) {
    // Alone in a window: there is no desktop around.
    finesse.container.Config = {};
  }
}(window));
