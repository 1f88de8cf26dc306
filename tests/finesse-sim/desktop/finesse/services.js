// ClientServices: the hub, the connection, requests; ClientLogger (Finesse notes 3.2, 4.1).
(function (finesse) {
  "use strict";

  var UP = ["connected", "recovered"];
  var DOWN = ["disconnected", "disconnecting", "reconnecting", "failing", "unloading", "conflict", "unauthorized"];
  var hub = null;
  var config = null;
  var online = false;
  var known = {};
  var handlers = { connect: [], disconnect: [], loading: [] };
  var invocations = 0;

  function all(list) { list.slice().forEach(function (handler) { finesse.call(handler); }); }

  function connection(topic, told) {
    var status = told && told.status;
    // Every gadget's question is answered to all: the same again is no news.
    if (UP.indexOf(status) >= 0 && !online) {
      online = true;
      all(handlers.connect);
    } else if (DOWN.indexOf(status) >= 0 && online) {
      online = false;
      all(handlers.disconnect);
    } else if (status === "connecting") {
      all(handlers.loading);
    }
  }

  function request(type, data, answered) {
    invocations += 1;
    var topic = "finesse.info.responses." + invocations + "." + window.gadgets.sim.start().mid;
    var id = topic.slice("finesse.info.responses.".length);
    if (answered) {
      var subscription = hub.subscribe(topic, function (heard, error) {
        hub.unsubscribe(subscription);
        answered(error);
      });
    }
    hub.publish("finesse.info.requests", { type: type, data: data || {}, invokeID: id });
  }

  var services = finesse.clientservices.ClientServices = {
    init: function (given) {
      if (config) { return; }
      config = given;
      hub = window.gadgets.Hub;
      hub.subscribe("finesse.info.connection", connection);
      request("ConnectionInfoReq");
    },
    isOnline: function () { return online; },
    getRestHost: function () { return config.restHost; },
    getHub: function () { return hub; },
    registerOnConnectHandler: function (handler) {
      handlers.connect.push(handler);
      if (online) { finesse.call(handler); }
    },
    registerOnDisconnectHandler: function (handler) { handlers.disconnect.push(handler); },
    registerOnLoadingHandler: function (handler) { handlers.loading.push(handler); },
    subscribe: function (topic, callback) {
      if (known[topic]) { return false; }
      known[topic] = hub.subscribe(topic, function (heard, data) { callback(data); });
      return known[topic];
    },
    unsubscribe: function (topic) {
      if (known[topic]) { hub.unsubscribe(known[topic]); }
      delete known[topic];
    },
    getNodeTopic: function (node) { return node.replace(/^\//, "").replace(/\//g, "."); },
    subscribeNode: function (node, answered) { request("SubscribeNodeReq", { node: node }, answered); },
    unsubscribeNode: function (node, answered) { request("UnsubscribeNodeReq", { node: node }, answered); },
    requestConnection: function () { request("ConnectionReq"); },
    log: function (text) { finesse.cslogger.ClientLogger.log(text); },
    /** Sends one request; the callback gets what Shindig tells. */
    makeRequest: function (path, callback, given) {
      var params = given || {};
      var headers = params.HEADERS = params.HEADERS || {};
      var token = finesse.utilities.Utilities.getToken();
      headers.Authorization = token ? "Bearer " + token : "Basic " + config.authorization;
      headers.locale = config.locale || "en_US";
      var base = config.scheme + "://" + config.restHost + (config.localhostPort ? ":" + config.localhostPort : "");
      var url = base + path;
      if ((params.METHOD || "GET") === "GET") {
        url += (path.indexOf("?") < 0 ? "?" : "&") + "nocache=" + new Date().getTime();
      }
      params.REFRESH_INTERVAL = 0;
      window.gadgets.io.makeRequest(url, callback, params);
    }
  };

  var logger = finesse.cslogger.ClientLogger = {
    init: function (given, gadgetId) { logger.hub = given; logger.id = gadgetId; },
    isLogOn: function () { return Boolean(logger.hub); },
    log: function (text) {
      if (logger.hub) {
        logger.hub.publish("finesse.clientLogging." + (logger.id || "gadget"), new Date().toISOString() + ": " + text);
      }
    }
  };

  services.Topics = { CONNECTION: "finesse.info.connection", REQUESTS: "finesse.info.requests" };
}(finesse));
