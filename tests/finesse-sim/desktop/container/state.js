// The desktop's own state control: what the agent is, and the menu to change it.
(function (window, container) {
  "use strict";

  var document = window.document;
  var WORDS = {
    LOGOUT: "Signed out", NOT_READY: "Not Ready", READY: "Ready", RESERVED: "Reserved",
    RESERVED_OUTBOUND: "Reserved", RESERVED_OUTBOUND_PREVIEW: "Reserved", TALKING: "Talking", HOLD: "Hold",
    WORK: "Wrap-up", WORK_READY: "Wrap-up", UNKNOWN: "Unknown"
  };
  var user = {};
  var drift = 0;
  var reasons = [];

  function byId(id) { return document.getElementById(id); }

  function label() {
    var reason = finesse.xml.field(user, "reasonCode");
    var text = WORDS[user.state] || user.state || "…";
    if (reason && reason.label) { text += " – " + reason.label; }
    if (user.pendingState) { text += " (then " + (WORDS[user.pendingState] || user.pendingState) + ")"; }
    return text;
  }

  function two(number) { return number < 10 ? "0" + number : String(number); }

  function clock() {
    var since = Date.parse(user.stateChangeTime);
    if (isNaN(since)) { byId("state-time").textContent = ""; return; }
    var seconds = Math.max(0, Math.floor((Date.now() + drift - since) / 1000));
    var hours = Math.floor(seconds / 3600);
    var text = two(Math.floor(seconds / 60) % 60) + ":" + two(seconds % 60);
    byId("state-time").textContent = hours ? hours + ":" + text : text;
  }

  function draw() {
    byId("state").dataset.state = user.state;
    byId("state-label").textContent = label();
    byId("agent-name").textContent = user.firstName + " " + user.lastName;
    byId("agent-detail").textContent = user.loginId + " · ext. " + user.extension + " · " + user.teamName;
    document.title = label() + " · Finesse (simulated)";
    clock();
  }

  var troubles = { connection: "", request: "" };

  /** What is wrong with the connection counts more than what became of a request. */
  function trouble(text, kind) {
    troubles[kind || "request"] = text;
    var banner = byId("banner");
    banner.textContent = troubles.connection || troubles.request;
    banner.hidden = !banner.textContent;
  }

  function open(is) {
    byId("state-menu").hidden = !is;
    byId("state").setAttribute("aria-expanded", String(is));
    if (is && byId("state-menu").firstChild) { byId("state-menu").firstChild.focus(); }
  }

  function set(state, reason) {
    open(false);
    var body = "<User><state>" + state + "</state>" + (reason ? "<reasonCodeId>" + reason + "</reasonCodeId>" : "") + "</User>";
    container.session.ask("/finesse/api/User/" + encodeURIComponent(container.session.id), "PUT", body)
      .then(function (answer) {
        var errors = answer.object.ApiErrors;
        trouble(answer.ok ? "" : "Finesse refused: " + (errors ? errors.ApiError.ErrorMessage || errors.ApiError.ErrorType : answer.status));
      });
  }

  function entry(text, state, reason) {
    var item = document.createElement("li");
    item.setAttribute("role", "option");
    item.tabIndex = 0;
    item.textContent = text;
    item.dataset.state = state;
    item.addEventListener("click", function () { set(state, reason); });
    item.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); set(state, reason); }
      if (event.key === "ArrowDown" && item.nextSibling) { item.nextSibling.focus(); }
      if (event.key === "ArrowUp" && item.previousSibling) { item.previousSibling.focus(); }
    });
    byId("state-menu").appendChild(item);
  }

  function menu() {
    byId("state-menu").textContent = "";
    entry("Ready", "READY");
    if (!reasons.length) { entry("Not Ready", "NOT_READY"); }
    reasons.forEach(function (reason) {
      entry("Not Ready – " + reason.label, "NOT_READY", reason.id || reason.uri.split("/").pop());
    });
  }

  function heard(topic, told) {
    var data = told.object && told.object.Update && told.object.Update.data;
    var fresh = finesse.xml.field(data, "user");
    if (fresh) {
      user = fresh;
      trouble("");
      draw();
    }
    if (data && data.apiErrors) {
      var error = finesse.xml.list(data.apiErrors.apiError)[0];
      trouble("The contact centre refused: " + (error.errorMessage || error.errorType));
    }
  }

  container.state = {
    /** Reads the user again. */
    read: function () {
      return container.session.ask("/finesse/api/User/" + encodeURIComponent(container.session.id)).then(function (answer) {
        if (answer.status === 401) { container.session.end(); }
        if (!answer.object.User) { throw new Error("the user cannot be read: " + answer.status); }
        user = answer.object.User;
        draw();
        return user;
      });
    },
    start: function (ahead) {
      drift = ahead;
      var path = "/finesse/api/User/" + encodeURIComponent(container.session.id);
      container.hub.subscribe(path.slice(1).replace(/\//g, "."), heard);
      container.session.ask(path + "/ReasonCodes?category=NOT_READY").then(function (answer) {
        var list = answer.object.ReasonCodes;
        reasons = finesse.xml.list(list && list.ReasonCode).filter(function (one) { return one.systemCode !== "true"; });
        menu();
      });
      byId("state").addEventListener("click", function () { open(byId("state-menu").hidden); });
      byId("sign-out").addEventListener("click", function () {
        container.session.ask(path, "PUT", "<User><state>LOGOUT</state></User>").then(function (answer) {
          if (answer.ok) { container.session.end(); } else { trouble("Finesse does not sign you out now: become Not Ready first."); }
        });
      });
      document.addEventListener("keydown", function (event) {
        if (event.key === "Escape") { open(false); byId("state").focus(); }
      });
      document.addEventListener("click", function (event) {
        if (!byId("state-control").contains(event.target)) { open(false); }
      });
      window.setInterval(clock, 1000);
    },
    trouble: trouble
  };
}(window, finesse.container));
