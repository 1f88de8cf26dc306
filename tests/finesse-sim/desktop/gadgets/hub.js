// gadgets.Hub: the gadget's end of the desktop's publish and subscribe (OpenAjax Hub 2.0 as the
// feature pubsub-2 gives it; Finesse notes 3.2).
(function (window) {
  "use strict";

  var gadgets = window.gadgets;
  var connected = false;
  var connecting = null;
  var next = 0;
  var subscriptions = {};

  function tell(message) {
    window.parent.postMessage({ hub: JSON.stringify(message) }, window.location.origin);
  }

  function need(connection) {
    if (!connection) { throw new Error("OpenAjax.hub.Error.Disconnected"); }
  }

  window.addEventListener("message", function (event) {
    if (event.source !== window.parent || !event.data || !event.data.hub) { return; }
    var message = JSON.parse(event.data.hub);
    if (message.type === "connected" && !connected) {
      connected = true;
      if (connecting) { connecting(gadgets.Hub, true); }
    }
    if (message.type === "event" && subscriptions[message.id]) {
      var to = subscriptions[message.id];
      to.callback.call(to.scope || window, message.topic, message.data, to.data);
    }
  });

  gadgets.HubSettings = { params: { HubClient: { scope: window }, IframeHubClient: {} }, onConnect: null };

  gadgets.Hub = {
    connect: function (onComplete) {
      connecting = onComplete || null;
      tell({ type: "connect" });
    },
    disconnect: function () { connected = false; tell({ type: "disconnect" }); },
    isConnected: function () { return connected; },
    subscribe: function (topic, callback, scope, data) {
      need(connected);
      next += 1;
      subscriptions[next] = { callback: callback, scope: scope, data: data };
      tell({ type: "subscribe", topic: topic, id: next });
      return String(next);
    },
    unsubscribe: function (id) {
      delete subscriptions[id];
      tell({ type: "unsubscribe", id: Number(id) });
    },
    publish: function (topic, data) {
      need(connected);
      tell({ type: "publish", topic: topic, data: data });
    }
  };

  // A late reader of `onConnect` is never called: the hub was there before.
  gadgets.config.register("pubsub-2", null, function () {
    if (gadgets.sim.fault("hub_connected_early")) {
      connected = true;
      tell({ type: "connect" });
      return;
    }
    gadgets.util.registerOnLoadHandler(function () {
      gadgets.Hub.connect(function (hub, success, error) {
        if (gadgets.HubSettings.onConnect) { gadgets.HubSettings.onConnect(hub, success, error); }
      });
    });
  });
}(window));
