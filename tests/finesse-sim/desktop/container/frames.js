// The layout as tabs, panels and gadget frames (Finesse notes 3.5, 4.1).
(function (window, container) {
  "use strict";

  var document = window.document;
  var mid = 0;
  var frames = {};
  var active = null;

  function element(name, attributes, parent) {
    var made = document.createElement(name);
    Object.keys(attributes).forEach(function (key) {
      if (key === "text") { made.textContent = attributes[key]; } else { made.setAttribute(key, attributes[key]); }
    });
    if (parent) { parent.appendChild(made); }
    return made;
  }

  function address(gadget, number) {
    var config = container.Config;
    var query = ["url=" + encodeURIComponent(gadget.url), "mid=" + number, "container=default", "view=home",
      "country=" + config.country, "lang=" + config.language];
    Object.keys(config).forEach(function (name) {
      if (name !== "authorization") { query.push("up_" + name + "=" + encodeURIComponent(config[name])); }
    });
    return "/gadgets/ifr?" + query.join("&");
  }

  function frame(gadget, parent) {
    mid += 1;
    var attributes = { "class": "gadget-frame", id: "gadget-" + mid, "data-url": gadget.url, title: gadget.id || "Gadget" };
    var made = element("iframe", attributes, parent);
    frames[mid] = { gadget: gadget, element: made, mid: mid };
    made.src = address(gadget, mid);
    return made;
  }

  function builtIn(gadget, parent) {
    var name = gadget.url.split("/").pop().replace(/\..*$/, "");
    var label = name === "callcontrol" ? "Calls are made and answered by the simulator's control API." : name;
    element("p", { "class": "built-in", text: label }, parent);
  }

  function show(gadget, parent, titled) {
    if (gadget.hidden) { frame(gadget, document.getElementById("hidden-gadgets")); return; }
    if (/\.js(\?|$)/.test(gadget.url)) { builtIn(gadget, parent); return; }
    var box = element("section", { "class": titled ? "gadget titled" : "gadget" }, parent);
    if (titled) { element("h2", { text: gadget.id || "Gadget" }, box); }
    frame(gadget, box);
  }

  /** `finesse.container.tabs.agent.homeLabel` is `Home`. */
  function words(label) {
    var last = label.split(".").pop().replace(/Label$/, "");
    if (last === label) { return label; }
    return (last.charAt(0).toUpperCase() + last.slice(1)).replace(/([a-z])([A-Z])/g, function (both, a, b) {
      return a + " " + b.toLowerCase();
    });
  }

  function fill(panel, tab) {
    if (panel.dataset.filled) { return; }
    panel.dataset.filled = "yes";
    var columns = element("div", { "class": "columns" }, panel);
    tab.columns.forEach(function (gadgets) {
      var column = element("div", { "class": "column" }, columns);
      gadgets.forEach(function (gadget) { show(gadget, column, true); });
    });
    if (!columns.querySelector(".gadget")) {
      element("p", { "class": "empty", text: "There are no gadgets on this tab." }, panel);
    }
  }

  function activate(id, layout) {
    var tab = layout.tabs.filter(function (one) { return one.id === id; })[0];
    if (!tab) { return; }
    active = id;
    layout.tabs.forEach(function (one) {
      var is = one.id === id;
      document.getElementById("panel_" + one.id).hidden = !is;
      document.getElementById("tab_" + one.id).setAttribute("aria-selected", String(is));
    });
    // A tab's gadgets are not there before somebody looks at it.
    fill(document.getElementById("panel_" + id), tab);
    container.hub.publish("finesse.containerservices.activeTab", id);
  }

  function asked(layout, request) {
    if (request.type === "ActiveTabReq") { container.hub.publish("finesse.containerservices.activeTab", active); }
    if (request.type === "SetActiveTabReq") { activate(request.data.id, layout); }
    if (request.type === "ReloadGadgetReq" && frames[request.data.gadgetId]) {
      var one = frames[request.data.gadgetId];
      one.element.src = address(one.gadget, one.mid);
    }
  }

  window.addEventListener("message", function (event) {
    var told = event.data && event.data.frame;
    var one = told && frames[told.mid];
    if (!one || event.source !== one.element.contentWindow) { return; }
    if (told.type === "height") { one.element.style.height = Math.min(told.data, 2000) + "px"; }
    if (told.type === "title") {
      one.element.title = told.data;
      var title = one.element.parentElement.querySelector("h2");
      if (title) { title.textContent = told.data; }
    }
  });

  container.frames = {
    show: function (layout) {
      layout.page.forEach(function (gadget) { show(gadget, document.getElementById("page-gadgets"), false); });
      layout.tabs.forEach(function (tab) {
        var attributes = { id: "tab_" + tab.id, role: "tab", type: "button", text: words(tab.label) };
        var button = element("button", attributes, document.getElementById("tabs"));
        button.setAttribute("aria-controls", "panel_" + tab.id);
        button.addEventListener("click", function () { activate(tab.id, layout); });
        var panel = { "class": "tab-panel", id: "panel_" + tab.id, role: "tabpanel", hidden: "" };
        element("div", panel, document.getElementById("panels"));
      });
      container.hub.subscribe("finesse.containerservices.requests", function (topic, request) { asked(layout, request); });
      if (layout.tabs.length) { activate(layout.tabs[0].id, layout); }
    }
  };
}(window, finesse.container));
