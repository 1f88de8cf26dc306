// The connection to the notification service: a stream of the simulator, published as hub topics.
// Lost, it is sought on this node and on the other one (Finesse notes 1.9, 4.1).
(function (window, container) {
  "use strict";

  var RETRY = 300;
  var status = "connecting";
  var other = null;
  var resource = "desktop" + Math.random().toString(36).slice(2, 10);
  var listeners = [];

  function publish() {
    container.hub.publish("finesse.info.connection", { status: status, resourceID: resource });
  }

  function become(next) {
    if (next === status) { return; }
    status = next;
    window.document.body.dataset.connection = status;
    listeners.forEach(function (listener) { listener(status); });
    publish();
  }

  function notification(line) {
    var topic = line.node.replace(/^\//, "").replace(/\//g, ".");
    container.hub.publish(topic, { content: line.xml, object: finesse.xml.read(line.xml) });
  }

  function wait() { return new Promise(function (go) { window.setTimeout(go, RETRY); }); }

  function inService(base) {
    return window.fetch(base + "/finesse/api/SystemInfo", { cache: "no-store" })
      .then(function (answer) { return answer.text(); })
      .then(function (text) { return /<status>IN_SERVICE<\/status>/.test(text); })
      .catch(function () { return false; });
  }

  /** Another node is another origin: the session goes along in a form. */
  function move() {
    if (!other) { return; }
    become("unloading");
    var form = window.document.createElement("form");
    form.method = "POST";
    form.action = other + "/desktop/failover";
    var field = window.document.createElement("input");
    field.type = "hidden";
    field.name = "session";
    field.value = container.session.auth;
    form.appendChild(field);
    window.document.body.appendChild(form);
    form.submit();
  }

  function act(name) {
    if (name === "failing") { become("failing"); }
    if (name === "recovered") { become("recovered"); }
    if (name === "reload") { window.location.reload(); }
    if (name === "move_node") { move(); }
    if (name === "sign_out") { container.session.end(); }
  }

  function heard(line) {
    if (line.type === "notification") { notification(line); }
    if (line.type === "act") { act(line.act); }
    if (line.type === "service" && line.status === "IN_SERVICE") {
      become(status === "connecting" ? "connected" : "recovered");
    }
    if (line.type === "service" && line.status !== "IN_SERVICE") { lost(); }
  }

  /** The other node, if it serves and this one does not. */
  function lost() {
    become("failing");
    if (!other) { return; }
    Promise.all([inService(""), otherServes()]).then(function (serve) {
      if (!serve[0] && serve[1] && status === "failing") { move(); }
    });
  }

  // Its answer cannot be read from here, another origin: that it answers is enough.
  function otherServes() {
    return window.fetch(other + "/finesse/api/SystemInfo", { mode: "no-cors", cache: "no-store" })
      .then(function () { return true; }, function () { return false; });
  }

  function lines(text, take) {
    var parts = text.split("\n");
    var rest = parts.pop();
    parts.forEach(function (part) { take(JSON.parse(part)); });
    return rest;
  }

  function read(reader, decoder, before) {
    return reader.read().then(function (chunk) {
      if (chunk.done) { return undefined; }
      var rest = lines(before + decoder.decode(chunk.value, { stream: true }), heard);
      return read(reader, decoder, rest);
    });
  }

  function listen() {
    var headers = { Authorization: "Basic " + container.session.auth };
    return window.fetch("/desktop/events", { headers: headers, cache: "no-store" }).then(function (answer) {
      if (answer.status === 401) { container.session.end(); }
      if (!answer.ok) { throw new Error("no events: " + answer.status); }
      return read(answer.body.getReader(), new window.TextDecoder(), "");
    }).catch(function () { return undefined; }).then(function () {
      lost();
      return wait().then(listen);
    });
  }

  function requested(topic, request) {
    var answer = "finesse.info.responses." + request.invokeID;
    if (request.type === "ConnectionInfoReq" || request.type === "ConnectionReq") {
      container.hub.publish("finesse.info.connection", {
        status: status, resourceID: resource, invokeID: request.invokeID
      });
    } else if (request.type === "SubscribeNodeReq" || request.type === "UnsubscribeNodeReq") {
      container.hub.publish(answer, undefined);
    }
  }

  container.events = {
    status: function () { return status; },
    onStatus: function (listener) { listeners.push(listener); },
    start: function (otherNode) {
      other = otherNode;
      container.hub.subscribe("finesse.info.requests", requested);
      listen();
    }
  };
  container.move = move;
}(window, finesse.container));
