// The container's end of the hub: every gadget's frame is a client (Finesse notes 3.2, 4.1).
(function (window, container) {
  "use strict";

  var own = [];
  var clients = [];

  function matches(pattern, topic) {
    if (pattern === topic || pattern === "**") { return true; }
    var wanted = pattern.split(".");
    var given = topic.split(".");
    return wanted.every(function (part, at) {
      return part === "**" || (at < given.length && (part === "*" || part === given[at]));
    }) && (wanted.length === given.length || wanted[wanted.length - 1] === "**");
  }

  function client(source) {
    return clients.filter(function (one) { return one.source === source; })[0];
  }

  function tell(source, message) {
    source.postMessage({ hub: JSON.stringify(message) }, window.location.origin);
  }

  var hub = container.hub = {
    subscribe: function (topic, callback) { own.push({ topic: topic, callback: callback }); },
    publish: function (topic, data) {
      own.forEach(function (one) {
        if (matches(one.topic, topic)) { one.callback(topic, data); }
      });
      // A frame that is gone has no window.
      clients = clients.filter(function (one) { return one.source && !one.source.closed; });
      clients.forEach(function (one) {
        Object.keys(one.topics).forEach(function (id) {
          if (matches(one.topics[id], topic)) {
            tell(one.source, { type: "event", id: Number(id), topic: topic, data: data });
          }
        });
      });
    }
  };

  function heard(source, message) {
    var known = client(source);
    if (message.type === "connect") {
      if (known) { known.topics = {}; } else { clients.push({ source: source, topics: {} }); }
      tell(source, { type: "connected" });
      return;
    }
    if (!known) { return; }
    if (message.type === "subscribe") { known.topics[message.id] = message.topic; }
    if (message.type === "unsubscribe") { delete known.topics[message.id]; }
    if (message.type === "publish") { hub.publish(message.topic, message.data); }
    if (message.type === "disconnect") { clients.splice(clients.indexOf(known), 1); }
  }

  window.addEventListener("message", function (event) {
    if (event.origin !== window.location.origin || !event.data || !event.data.hub) { return; }
    heard(event.source, JSON.parse(event.data.hub));
  });

  hub.subscribe("finesse.clientLogging.*", function (topic, text) {
    // A screen's worth for who looks; a day's would not fit.
    if (container.log.length >= 1000) { container.log.shift(); }
    container.log.push(topic.replace("finesse.clientLogging.", "") + " " + text);
  });
}(window, finesse.container));
